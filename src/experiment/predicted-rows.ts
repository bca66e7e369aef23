import { inOrder } from '../data/rows/in-order.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import type { Engine } from '../engine/engine.ts'
import { decode } from '../runtime/predictions.ts'
import type { Predictions } from '../runtime/predictions.ts'
import type { OpenedModel } from './model.ts'
import { notFiniteNote } from './not-finite.ts'

export type Predicted = {
  readonly outputs: readonly Predictions[]
  /** The row of the source, from 0, of each row. */
  readonly sourceRow: Uint32Array
  /** The rows of the source of each row's target: one, or one for each step that it has. */
  readonly targetRows: Uint32Array
}

type PredictingOptions = {
  readonly threshold?: number | undefined
  readonly onNote: (note: string) => void
}

/** Predictions of a model for encoded rows, as many at once as memory has room for. */
export async function* predictedRows(
  engine: Engine,
  model: OpenedModel,
  set: RowSet,
  { threshold, onNote }: PredictingOptions,
): AsyncGenerator<Predicted> {
  const session = engine.open(model.task, model.weights)
  try {
    const { batch_size: batchSize } = model.spec.fit
    for await (const { encoded } of windowsOf(set, inOrder, { batchSize })) {
      const outputs = await session.predict(encoded, batchSize)
      const note = await notFiniteNote(engine, model, encoded, outputs)
      if (note !== undefined) onNote(note)
      const { sourceRow, targetRows = sourceRow } = encoded
      yield { outputs: predictionsOf(model, outputs, threshold), sourceRow, targetRows }
      session.unload(encoded)
    }
  } finally {
    session.dispose()
  }
}

function predictionsOf(
  { task, preprocessing }: OpenedModel,
  outputs: ReadonlyMap<string, Float32Array>,
  threshold: number | undefined,
): Predictions[] {
  return task.outputs.flatMap((output) => {
    const state = preprocessing.outputs.find(({ name }) => name === output.name)
    const values = outputs.get(output.name)
    return state === undefined || values === undefined ? [] : [decode(state, values, threshold)]
  })
}
