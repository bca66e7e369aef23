import type { Engine } from '../engine/engine.ts'
import { RunError } from '../errors.ts'
import { classScores, confusionOf, rowsByClass } from '../train/confusion.ts'
import { joinedSets } from '../train/analysis/predicted-rows.ts'
import type { PredictedSet } from '../train/analysis/predicted-rows.ts'
import { analyzed, predictedSet } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import type { Environment } from './environment.ts'
import type { Evaluation } from './evaluation.ts'
import { explainedRows, WORST_ROWS } from './explained-rows.ts'
import { hasOtherRows, openModel, ownData } from './model.ts'
import type { OpenedModel } from './model.ts'

/** Predictions of the models of a cross-validation, each for the rows of its fold, looked at together: no metric values. */
export type OutOfFold = Evaluation & {
  readonly analysis: Analysis
  /** The rows are windows of a time series, in its order. */
  readonly isSeries: boolean
}

/** Has the model of each fold predict the rows that it did not see. */
export async function predictOutOfFold(
  folders: readonly string[],
  engineOf: (model: OpenedModel) => Promise<Engine>,
  environment: Environment,
): Promise<OutOfFold> {
  const folds: FoldPredictions[] = []
  for (const folder of folders) {
    const model = await openModel(folder, { ...environment, onModel: () => undefined })
    folds.push(await predictFold(await engineOf(model), model, environment))
  }
  requireSameClasses(folds)
  const all = joinedSets(folds.map(({ predicted }) => predicted))
  return {
    rows: all.sourceRow.length,
    metrics: {},
    meaning: { keys: {}, notes: [] },
    notes: [],
    outputs: all.outputs.flatMap(confusionsOf),
    analysis: {
      intervals: {},
      dependence: [],
      outputs: all.outputs.map(analyzed),
      worst: folds
        .flatMap(({ worst }) => worst)
        .toSorted((a, b) => b.error - a.error)
        .slice(0, WORST_ROWS),
      sourceRow: all.sourceRow,
    },
    isSeries: folds.some(({ isSeries }) => isSeries),
  }
}

type FoldPredictions = {
  readonly predicted: PredictedSet
  readonly worst: Analysis['worst']
  readonly isSeries: boolean
}

async function predictFold(
  engine: Engine,
  model: OpenedModel,
  environment: Environment,
): Promise<FoldPredictions> {
  const data = await ownData(model, environment)
  const session = engine.open(model.task, model.weights)
  try {
    const { validation, tables } = data
    if (validation === undefined) throw new RunError(`${model.folder} has no validation rows`)
    if (model.record !== undefined && hasOtherRows(model.record, data))
      throw new RunError('the data has changed since, and the folds of its rows with it')
    const predicted = await predictedSet(session, model, validation, tables.validation)
    const isSeries = model.preprocessing.window !== undefined
    return { predicted, worst: explainedRows(predicted, tables.validation), isSeries }
  } finally {
    session.dispose()
    data.close()
  }
}

/** Classes are found in all rows of a run; they differ between folds where files have changed since. */
function requireSameClasses(folds: readonly FoldPredictions[]): void {
  const classesOf = ({ predicted }: FoldPredictions): string =>
    JSON.stringify(predicted.outputs.map((output) => ('classes' in output ? output.classes : [])))
  if (new Set(folds.map(classesOf)).size > 1)
    throw new RunError('the folds know different classes: their predictions cannot be put together')
}

function confusionsOf(output: PredictedSet['outputs'][number]): Evaluation['outputs'] {
  if (!('indices' in output)) return []
  const { state, truth, indices, classes } = output
  const confusion = confusionOf(truth, indices, classes.length)
  const truths = rowsByClass(truth, classes.length)
  return [{ name: state.name, per_class: classScores(confusion, classes, truths), confusion }]
}
