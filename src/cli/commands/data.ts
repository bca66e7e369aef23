import { inspectRows } from '../../data/inspect.ts'
import { readData } from '../../data/prepare.ts'
import { dataWarnings } from '../../data/warnings.ts'
import { outputTasks } from '../../compiler/task.ts'
import { ExitCode } from '../../errors.ts'
import { shapeOf } from '../../model/graph.ts'
import { scalesInput } from '../../model/input-scaling.ts'
import { dataJson, renderData } from '../../report/data.ts'
import { renderDiagnostics } from '../../report/diagnostics.ts'
import type { ColorDepth } from '../../report/image.ts'
import { datasetPlaces } from '../datasets.ts'
import { dataFolderOf, readExperiment } from '../experiment.ts'
import type { Io } from '../io.ts'
import { wantsColor, widthOf } from '../io.ts'

export type DataOptions = {
  readonly config: string
  readonly set: readonly string[]
  readonly json: boolean
}

/** Shows the rows of a config as training will see them, and warns of what may be wrong with them. */
export async function data({ config, set, json }: DataOptions, io: Io): Promise<number> {
  const experiment = readExperiment(config, set, io)
  const { document, spec, graph } = experiment
  const options = {
    directory: dataFolderOf(experiment, io),
    stdin: io.stdin,
    datasets: datasetPlaces(io),
    seed: spec.seed,
  }
  const outputs = outputTasks(graph, spec.compile)
  const read = await readData(spec.data, options)
  const inspection = inspectRows(read, spec.data, {
    ...options,
    inputs: graph.inputs,
    outputs: outputs.map(({ name, kind }) => ({ name, kind, shape: shapeOf(graph, name) })),
  })
  const { prepared, error } = inspection
  const warnings = dataWarnings({
    spec: spec.data,
    table: inspection.table,
    profiles: inspection.profiles,
    preprocessing: prepared?.preprocessing,
    labels: new Map(
      Array.from(inspection.labels, ([output, counts]) => [
        output,
        new Map(Array.from(counts, ([label, one]) => [label, one.train + one.validation + one.test])),
      ]),
    ),
    scaledInputs: new Set(graph.inputs.flatMap(({ name }) => (scalesInput(graph, name) ? [name] : []))),
  })
  const diagnostics = warnings.map((problem) => document.locate(problem))
  if (json) io.stdout.write(`${JSON.stringify(dataJson(inspection, diagnostics))}\n`)
  else {
    io.stdout.write(renderData(inspection, colorDepth(io), widthOf(io.stdout)))
    for (const note of prepared?.notes ?? []) io.stderr.write(`note: ${note}\n`)
    const style = { color: wantsColor(io.stderr, io.env), width: widthOf(io.stderr), cwd: io.cwd }
    if (diagnostics.length > 0) io.stderr.write(renderDiagnostics(diagnostics, document.sources, style))
  }
  if (error) throw error
  return ExitCode.done
}

/** What the terminal says of its colours: COLORTERM and TERM, as terminals set them. */
function colorDepth({ stdout, env }: Io): ColorDepth {
  if (!wantsColor(stdout, env)) return 'none'
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return '24-bit'
  return (env['TERM'] ?? '').includes('256color') ? '256' : 'none'
}
