import type { Engine } from '../engine/engine.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { classScores, confusionOf, rowsByClass } from '../train/confusion.ts'
import type { ClassScores, Confusion } from '../train/confusion.ts'
import { evaluateRows } from '../train/evaluate.ts'
import { metricValuesOf } from '../train/metric-values.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import { decode } from '../runtime/predictions.ts'
import type { Predictions } from '../runtime/predictions.ts'
import { positiveIndex } from '../runtime/preprocessing.ts'
import { ThresholdCounts } from '../train/thresholds.ts'
import type { ThresholdScores } from '../train/thresholds.ts'
import { metricMeaning } from './metric-meaning.ts'
import type { MetricMeaning } from './metric-meaning.ts'
import type { OpenedModel } from './model.ts'
import { notFiniteNote } from './not-finite.ts'

/** Metric values of a model on some rows; `outputs` are those that distinguish classes. */
export type Evaluation = {
  readonly rows: number
  readonly metrics: MetricValues
  readonly meaning: MetricMeaning
  /** Remarks on what the metric values are of, and on rows without a prediction. */
  readonly notes: readonly string[]
  readonly outputs: readonly {
    readonly name: string
    readonly per_class: readonly ClassScores[]
    readonly confusion: Confusion
    /** Scores by threshold, of two classes with probabilities. */
    readonly thresholds?: readonly ThresholdScores[]
  }[]
}

type ClassCounts = Map<
  string,
  {
    readonly classes: readonly string[]
    readonly confusion: Confusion
    readonly truths: readonly number[]
    readonly thresholds: ThresholdCounts | undefined
  }
>

/** Measures a model on rows whose targets are known. */
export async function evaluateModel(engine: Engine, model: OpenedModel, rows: RowSet): Promise<Evaluation> {
  const session = engine.open(model.task, model.weights)
  const counts: ClassCounts = new Map()
  const notes: string[] = []
  try {
    const { batch_size } = model.spec.fit
    const sums = await evaluateRows(session, rows, batch_size, async (encoded) => {
      const outputs = await session.predict(encoded, batch_size)
      countClasses(outputs, model, encoded, counts)
      const note = await notFiniteNote(engine, model, encoded, outputs)
      if (note !== undefined) notes.push(note)
    })
    const meaning = metricMeaning(model.task, model.preprocessing.outputs, model.spec.data)
    return {
      rows: rows.rows,
      metrics: metricValuesOf(model.task, sums),
      meaning,
      notes: [...meaning.notes, ...notes],
      outputs: Array.from(counts, ([name, { classes, confusion, truths, thresholds }]) => ({
        name,
        per_class: classScores(confusion, classes, truths),
        confusion,
        ...(thresholds && { thresholds: thresholds.scores() }),
      })),
    }
  } finally {
    session.dispose()
  }
}

/** Adds rows to the confusion matrix of each output that distinguishes classes. */
function countClasses(
  outputs: ReadonlyMap<string, Float32Array>,
  { task, preprocessing }: OpenedModel,
  encoded: EncodedRows,
  counts: ClassCounts,
): void {
  for (const output of task.outputs) {
    const state = preprocessing.outputs.find(({ name }) => name === output.name)
    const target = encoded.targets.find(({ name }) => name === output.name)
    const values = outputs.get(output.name)
    if (state?.kind !== 'classes' || target?.kind !== 'classes' || values === undefined) continue
    const predicted = decode(state, values)
    if (predicted.kind !== 'classes') continue
    const { classes, indices } = predicted
    const before = counts.get(output.name)
    const truths = rowsByClass(target.data, classes.length, before?.truths)
    const confusion = confusionOf(target.data, indices, classes.length, before?.confusion)
    const thresholds = thresholdsOf(predicted, before?.thresholds)
    for (const [i, index] of target.data.entries()) {
      const at = positiveIndex(state)
      thresholds?.add(predicted.probabilities?.[i * 2 + at] ?? NaN, index === at)
    }
    counts.set(output.name, { classes, confusion, truths, thresholds })
  }
}

/** Counts for two classes with probabilities. */
function thresholdsOf(
  { classes, probabilities }: Extract<Predictions, { kind: 'classes' }>,
  before: ThresholdCounts | undefined,
): ThresholdCounts | undefined {
  return classes.length === 2 && probabilities ? (before ?? new ThresholdCounts()) : undefined
}
