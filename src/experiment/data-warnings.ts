import { losses } from '../components/losses/index.ts'
import { metrics } from '../components/metrics/index.ts'
import { columnRoles, labelCounts } from '../data/inspect/inspect.ts'
import { profilesOf } from '../data/inspect/profile.ts'
import { dataWarnings } from '../data/inspect/warnings.ts'
import type { Inspected } from '../data/inspect/warnings.ts'
import type { PreparedRows } from '../data/prepare/prepare.ts'
import type { ReadData } from '../data/prepare/read-data.ts'
import type { Problem } from '../diagnostic.ts'
import type { Graph } from '../model/graph.ts'
import { scalesInput } from '../model/input-scaling.ts'
import { outputTasks } from '../step/task.ts'
import { sampleOfRuns } from '../table/columns/sample.ts'
import { elementsOf } from '../table/table.ts'
import type { SizedExperiment } from './build-experiment.ts'
import type { Environment } from './environment.ts'

/** Rows and numbers that are looked at in search of a likely mistake; a suspicion is checked on all rows. */
const [SAMPLE_ROWS, SAMPLE_NUMBERS] = [2000, 2 ** 18]
const FEWEST_ROWS = 100
/** Consecutive rows of the sample are read at once. */
const RUNS = 8

/** Warnings about the rows of a training, from a sample of them. */
export async function trainingWarnings(
  read: ReadData,
  prepared: PreparedRows,
  experiment: Pick<SizedExperiment, 'spec' | 'graph'>,
): Promise<Problem[]> {
  const { train: table, selection } = read
  const width = table.columns.reduce((sum, column) => sum + elementsOf(column), 0)
  const count = Math.max(FEWEST_ROWS, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_NUMBERS / width)))
  const sample = sampleOfRuns(table, count, RUNS)
  // Rows that memory has no room for are not read for that.
  const areFew = [prepared.train, prepared.validation, prepared.test].every(
    (set) => !set || set.rows <= set.windowRows,
  )
  const warnings = dataWarnings({
    selection,
    split: experiment.spec.data.split,
    table,
    sample,
    profiles: profilesOf(sample, columnRoles(read)),
    labels: areFew ? await labelCounts(prepared) : new Map<string, never>(),
    ...warningsContext(experiment, prepared),
  })
  // A column that is constant in a sample may not be so in all rows, and it does no harm.
  return [...warnings.filter(({ code }) => code !== 'constant-column'), ...prepared.warnings]
}

/** Reports the warnings about the rows of a training. */
export async function warnOfRows(
  read: ReadData,
  prepared: PreparedRows,
  experiment: SizedExperiment,
  onWarnings: Environment['onWarnings'],
): Promise<void> {
  const { document } = experiment
  const warnings = await trainingWarnings(read, prepared, experiment)
  onWarnings(
    warnings.map((warning) => document.locate(warning)),
    document.sources,
  )
}

/** Facts that a warning depends on, from the model and the transforms. */
export function warningsContext(
  experiment: Pick<SizedExperiment, 'spec' | 'graph'> | undefined,
  prepared: PreparedRows | undefined,
): Pick<Inspected, 'isWeighed' | 'preprocessing' | 'scaledInputs' | 'divided'> {
  const graph = experiment?.graph
  const scaled = graph?.inputs.map(({ name }) => name).filter((name) => scalesInput(graph, name))
  const { fit, data } = experiment?.spec ?? {}
  return {
    preprocessing: prepared?.preprocessing,
    scaledInputs: new Set(scaled),
    divided: new Map(experiment?.graph ? dividedOutputs(experiment.graph, experiment.spec) : []),
    isWeighed: fit?.class_weight !== undefined || (data !== undefined && data.balance !== 'none'),
  }
}

/** Outputs by whose targets a loss or a metric divides, with its name. */
function dividedOutputs(
  graph: Graph,
  { compile }: SizedExperiment['spec'],
): (readonly [output: string, figure: string])[] {
  return outputTasks(graph, compile).flatMap(({ name, loss, metrics: scored }) => {
    const metric = scored.find(({ config }) => metrics.of(config).divides)
    const figure = losses.of(loss).divides ? loss.type : metric?.config.type
    return figure === undefined ? [] : [[name, figure] as const]
  })
}
