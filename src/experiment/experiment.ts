import { dirname, resolve } from 'node:path'

import { loadExperiment } from './build-experiment.ts'
import type { Experiment, Rows } from './build-experiment.ts'
import { renderDiagnostics } from '../report/text/diagnostics.ts'
import type { Io } from '../cli/io.ts'
import { wantsColor, widthOf } from '../cli/io.ts'

/** Reads a config, or throws all that is wrong with it; warnings go to stderr. */
export function readExperiment(config: string, set: readonly string[], io: Io, quiet = false): Experiment {
  const experiment = loadExperiment(resolve(io.cwd, config), set)
  if (experiment.warnings.length > 0 && !quiet) {
    const style = { color: wantsColor(io.stderr, io.env), width: widthOf(io.stderr), cwd: io.cwd }
    io.stderr.write(renderDiagnostics(experiment.warnings, experiment.document.sources, style))
  }
  return experiment
}

/** The folder that the paths in the data section start from: that of the file which wrote them, or the current one. */
export function dataFolderOf(
  { document, spec }: Pick<Experiment, 'document'> & { spec: Rows },
  io: Io,
): string {
  const key = ['path', 'folder', 'images'].find((name) => name in spec.data)
  const file = document.fileOf(key === undefined ? ['data'] : ['data', key])
  return file === undefined ? io.cwd : dirname(file)
}
