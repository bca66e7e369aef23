import type { Engine, Session } from '../engine/engine.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { classScores, confusionOf } from '../train/confusion.ts'
import type { ClassScores, Confusion } from '../train/confusion.ts'
import { evaluateRows } from '../train/evaluate.ts'
import { metricValuesOf } from '../train/metric-values.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import { decode } from '../runtime/predictions.ts'
import { metricMeaning } from './metric-meaning.ts'
import type { MetricMeaning } from './metric-meaning.ts'
import type { OpenedModel } from './model.ts'

/** Metric values of a model on some rows; `outputs` are those that distinguish classes. */
export type Evaluation = {
  readonly rows: number
  readonly metrics: MetricValues
  readonly meaning: MetricMeaning
  readonly outputs: readonly {
    readonly name: string
    readonly per_class: readonly ClassScores[]
    readonly confusion: Confusion
  }[]
}

type ClassCounts = Map<string, { readonly classes: readonly string[]; readonly confusion: Confusion }>

/** Measures a model on rows whose targets are known. */
export async function evaluateModel(engine: Engine, model: OpenedModel, rows: RowSet): Promise<Evaluation> {
  const session = engine.open(model.task, model.weights)
  const counts: ClassCounts = new Map()
  try {
    const { batch_size } = model.spec.fit
    const sums = await evaluateRows(session, rows, batch_size, (encoded) =>
      countClasses(session, model, encoded, counts),
    )
    return {
      rows: rows.rows,
      metrics: metricValuesOf(model.task, sums),
      meaning: metricMeaning(model.task, model.preprocessing.outputs, model.spec.data),
      outputs: Array.from(counts, ([name, { classes, confusion }]) => ({
        name,
        per_class: classScores(confusion, classes),
        confusion,
      })),
    }
  } finally {
    session.dispose()
  }
}

/** Adds rows to the confusion matrix of each output that distinguishes classes. */
async function countClasses(
  session: Session,
  { task, spec, preprocessing }: OpenedModel,
  encoded: EncodedRows,
  counts: ClassCounts,
): Promise<void> {
  const outputs = await session.predict(encoded, spec.fit.batch_size)
  for (const output of task.outputs) {
    const state = preprocessing.outputs.find(({ name }) => name === output.name)
    const target = encoded.targets.find(({ name }) => name === output.name)
    const values = outputs.get(output.name)
    if (state?.kind !== 'classes' || target?.kind !== 'classes' || values === undefined) continue
    const predicted = decode(state, values)
    if (predicted.kind !== 'classes') continue
    const { classes, indices } = predicted
    const before = counts.get(output.name)?.confusion
    counts.set(output.name, { classes, confusion: confusionOf(target.data, indices, classes.length, before) })
  }
}
