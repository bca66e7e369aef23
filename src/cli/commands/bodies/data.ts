import { resolve } from 'node:path'

import { inferPorts } from '../../../data/inspect/infer-ports.ts'
import { inspectRows } from '../../../data/inspect/inspect.ts'
import type { Inspection, LabelCounts } from '../../../data/inspect/inspect.ts'
import { readData } from '../../../data/prepare/prepare.ts'
import type { PrepareOptions } from '../../../data/prepare/prepare.ts'
import { dataWarnings } from '../../../data/inspect/warnings.ts'
import { ConfigError } from '../../../diagnostic.ts'
import type { Problem } from '../../../diagnostic.ts'
import { ExitCode } from '../../../errors.ts'
import { checkConfig } from '../../../experiment/build-experiment.ts'
import type { Experiment } from '../../../experiment/build-experiment.ts'
import { scalesInput } from '../../../model/input-scaling.ts'
import { dataJson, renderData } from '../../../report/text/data.ts'
import { renderDiagnostics } from '../../../report/text/diagnostics.ts'
import { counted } from '../../../report/text/format.ts'
import type { ColorDepth } from '../../../report/text/image.ts'
import type { DataSpec } from '../../../spec/schema/data.ts'
import { loadDocument } from '../../../spec/document/document.ts'
import { datasetPlaces } from '../../../experiment/datasets.ts'
import { dataFolderOf } from '../../../experiment/experiment.ts'
import type { Io } from '../../io.ts'
import { wantsColor, widthOf } from '../../io.ts'
import { portsOf, taskOf } from '../../../experiment/task.ts'

export type DataOptions = {
  readonly config: string
  readonly set: readonly string[]
  readonly json: boolean
}

/** Shows the rows of a config as training will see them, and warns of what may be wrong with them. */
export async function data({ config, set, json }: DataOptions, io: Io): Promise<number> {
  const document = loadDocument(resolve(io.cwd, config), set)
  const { rows, experiment, diagnostics: mistakes } = checkConfig(document)
  if (!rows) throw new ConfigError(mistakes, document.sources)
  const options = {
    directory: dataFolderOf({ document, spec: rows }, io),
    stdin: io.stdin,
    datasets: datasetPlaces(io),
    seed: rows.seed,
  }
  const style = { color: wantsColor(io.stderr, io.env), width: widthOf(io.stderr), cwd: io.cwd }
  if (experiment) io.stderr.write(renderDiagnostics(experiment.warnings, document.sources, style))
  else {
    const count = counted(mistakes.filter(({ severity }) => severity === 'error').length, 'mistake')
    io.stderr.write(
      `note: the rest of the config has ${count}, which nnlab validate tells: what the model takes and gives is inferred from the rows\n`,
    )
  }
  const { inspection, warnings } = await lookAt(rows.data, experiment, options)
  const { error, prepared } = inspection
  const diagnostics = warnings.map((problem) => document.locate(problem))
  if (json) io.stdout.write(`${JSON.stringify(dataJson(inspection, diagnostics))}\n`)
  else {
    io.stdout.write(renderData(inspection, colorDepth(io), widthOf(io.stdout)))
    for (const note of prepared?.notes ?? []) io.stderr.write(`note: ${note}\n`)
    if (diagnostics.length > 0) io.stderr.write(renderDiagnostics(diagnostics, document.sources, style))
  }
  if (error) throw error
  return ExitCode.done
}

/** Reads and inspects rows; what is left of them afterwards is in memory. */
async function lookAt(
  spec: DataSpec,
  experiment: Experiment | undefined,
  options: Omit<PrepareOptions, 'inputs' | 'outputs'>,
): Promise<{ inspection: Inspection; warnings: Problem[] }> {
  const read = await readData(spec, options)
  try {
    const ports = experiment ? portsOf(taskOf(experiment)) : inferPorts(read)
    const inspection = await inspectRows(read, spec, { ...options, ...ports })
    const { table, profiles, prepared, labels } = inspection
    const warnings = dataWarnings({
      spec,
      table,
      profiles,
      preprocessing: prepared?.preprocessing,
      labels: new Map(Array.from(labels, ([output, counts]) => [output, totals(counts)])),
      scaledInputs: scaledInputs(experiment),
    })
    return { inspection, warnings }
  } finally {
    read.spool?.close()
  }
}

/** How many rows each label has in all splits together. */
function totals(counts: ReadonlyMap<string, LabelCounts>): Map<string, number> {
  return new Map(
    Array.from(counts, ([label, { train, validation, test }]) => [label, train + validation + test]),
  )
}

/** The inputs that the model scales by itself. */
function scaledInputs(experiment: Experiment | undefined): Set<string> {
  if (!experiment) return new Set()
  const { graph } = experiment
  return new Set(graph.inputs.map(({ name }) => name).filter((name) => scalesInput(graph, name)))
}

/** What the terminal says of its colours: COLORTERM and TERM, as terminals set them. */
function colorDepth({ stdout, env }: Io): ColorDepth {
  if (!wantsColor(stdout, env)) return 'none'
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return '24-bit'
  return (env['TERM'] ?? '').includes('256color') ? '256' : 'none'
}
