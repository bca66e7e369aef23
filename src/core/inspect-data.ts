import { inferPorts } from '../data/inspect/infer-ports.ts'
import { inspectRows } from '../data/inspect/inspect.ts'
import type { Inspection } from '../data/inspect/inspect.ts'
import { dataWarnings } from '../data/inspect/warnings.ts'
import type { PrepareOptions } from '../data/prepare/prepare.ts'
import { readData } from '../data/prepare/read-data.ts'
import { ConfigError } from '../diagnostic.ts'
import type { Diagnostic, Problem } from '../diagnostic.ts'
import { checkConfig } from '../experiment/build-experiment.ts'
import type { Experiment } from '../experiment/build-experiment.ts'
import { warningsContext } from '../experiment/data-warnings.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { dataFolderOf, readConfig } from '../experiment/experiment.ts'
import { metricMeaning } from '../experiment/metric-meaning.ts'
import { sizedExperiment } from '../experiment/sized.ts'
import { portsOf, taskOf } from '../experiment/task.ts'
import type { DataSpec } from '../spec/schema/data.ts'
import { counted } from '../wording.ts'
import { environmentOf } from './environment.ts'
import type { ConfigOptions } from './validate.ts'

/** Rows as training will see them, and warnings about them. */
export type DataInspection = Inspection & {
  readonly warnings: readonly Diagnostic[]
  /** The texts that the warnings point into, by file. */
  readonly sources: ReadonlyMap<string, string>
}

/** Inspects the rows of a config, whose other sections may have errors. */
export async function inspectData(options: ConfigOptions): Promise<DataInspection> {
  const { config = DEFAULT_CONFIG, set = [] } = options
  const { cwd, stdin, datasets, onNote, onWarnings } = environmentOf(options)
  const document = await readConfig(config, set, cwd)
  const { rows, experiment, diagnostics } = checkConfig(document)
  const { sources } = document
  if (!rows) throw new ConfigError(diagnostics, sources)
  const directory = dataFolderOf({ document, spec: rows }, cwd)
  if (!experiment) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    onNote(
      `the rest of the config has ${counted(errors, 'error')} (see nnlab validate): inputs and outputs of the model are inferred from the rows`,
    )
  } else onWarnings(experiment.warnings, sources)
  const found = await inspect(rows.data, experiment, { directory, stdin, datasets, seed: rows.seed })
  for (const note of found.notes) onNote(note)
  return { ...found.inspection, warnings: found.warnings.map((warning) => document.locate(warning)), sources }
}

/** Reads and inspects rows; what is left of them afterwards is in memory. */
async function inspect(
  spec: DataSpec,
  experiment: Experiment | undefined,
  options: Omit<PrepareOptions, 'portsFor'>,
): Promise<{ inspection: Inspection; warnings: Problem[]; notes: readonly string[] }> {
  const read = await readData(spec, options)
  try {
    const sized = experiment && sizedExperiment(experiment, read)
    const ports = sized ? portsOf(taskOf(sized)) : inferPorts(read)
    const inspection = await inspectRows(read, spec, { ...options, portsFor: () => ports })
    const { table, profiles, prepared, labels } = inspection
    const { outputs = [] } = prepared?.preprocessing ?? {}
    const meaning = sized && metricMeaning(taskOf(sized, outputs), outputs, spec)
    prepared?.notes.push(...(meaning?.notes ?? []))
    const inspected = { selection: read.selection, split: spec.split, table, sample: table, profiles, labels }
    const warnings = [
      ...dataWarnings({ ...inspected, ...warningsContext(sized, prepared) }),
      ...(prepared?.warnings ?? []),
    ]
    return { inspection, warnings, notes: meaning?.notes ?? [] }
  } finally {
    read.spool?.close()
  }
}
