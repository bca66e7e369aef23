import type { MetricValues } from '../components/metrics/metric.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { evenPositions, takeFrom } from '../data/rows/picked-rows.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import type { Engine } from '../engine/engine.ts'
import type { ExportCheck } from '../exchange/compare.ts'
import type { NamedArray } from '../exchange/program.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import { measuredRows, ownData } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import type { Task } from '../step/task.ts'
import { metricValuesOf } from '../train/metric-values.ts'
import { arraysOf, comparePredictions, readingOwnRows } from './check-export.ts'
import type { ComparedFile } from './check-export.ts'

/** Rows of the training split that ranges of numbers are taken from, and rows that are measured, at most. */
const CALIBRATION_ROWS = 1000
const MEASURED_ROWS = 2000

/** Rows of the training split as inputs of the network, at equal distances. */
export async function calibrationRows(
  model: OpenedModel,
  environment: Environment,
): Promise<readonly NamedArray[]> {
  const data = await ownData(model, environment)
  try {
    return inputsOf(await rowsOf(data.train, CALIBRATION_ROWS))
  } finally {
    data.close()
  }
}

/** Measures the metrics of the run by the predictions of a quantized model, beside those of the model itself. */
export async function checkQuantized(comparison: ComparedFile, model: OpenedModel): Promise<ExportCheck> {
  const { options, environment } = comparison
  const rows = await readingOwnRows(model, environment, (prepared) =>
    rowsOf(measuredRows(prepared).rows, MEASURED_ROWS),
  )
  if ('absent' in rows) return rows
  const { own, answer, compared } = await comparePredictions(comparison, model, inputsOf(rows))
  if (!('outputs' in answer) || !('difference' in compared)) return compared
  const engine = await openEngineFor(options, model.spec.fit, environment)
  const measure = (outputs: readonly Float32Array[]): Promise<MetricValues> =>
    metricsOf(engine, model.task, rows, outputs)
  const theirs = answer.outputs.map((output) => Float32Array.from(output, Number))
  const metrics = { own: await measure(own), quantized: await measure(theirs) }
  return { ...compared, same: Number.isFinite(compared.difference), metrics }
}

/** The metric values of predictions: those of a network that passes them on. */
async function metricsOf(
  engine: Engine,
  task: Task,
  { rows, targets, sourceRow }: EncodedRows,
  predictions: readonly Float32Array[],
): Promise<MetricValues> {
  const inputs = task.outputs.map(({ name, shape }, i) => ({
    name,
    shape,
    data: predictions[i] ?? new Float32Array(),
  }))
  const graph = { inputs, nodes: [], outputs: task.graph.outputs }
  const session = engine.open({ ...task, graph }, new Map())
  try {
    return metricValuesOf(task, await session.evaluate({ rows, inputs, targets, sourceRow }, rows))
  } finally {
    session.dispose()
  }
}

function inputsOf(rows: EncodedRows): NamedArray[] {
  return arraysOf(rows, inOrder(0, rows.rows))
}

/** Some rows of a set, at equal distances. */
function rowsOf(set: RowSet, most: number): Promise<EncodedRows> {
  return takeFrom(set, evenPositions(set.rows, most))
}
