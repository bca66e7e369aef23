import { windowsOf } from '../../data/rows/row-set.ts'
import type { RowSet } from '../../data/rows/row-set.ts'
import { inOrder } from '../../data/rows/in-order.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import type { Session } from '../../engine/engine.ts'
import { mapFloat64 } from '../../float-arrays.ts'
import { decode } from '../../runtime/predictions.ts'
import type { ClassesState, NumbersState, OutputState } from '../../runtime/preprocessing.ts'

/** Predicted classes of all rows beside the true ones, `steps` of them a row. */
export type PredictedClasses = {
  readonly state: ClassesState
  readonly classes: readonly string[]
  readonly steps: number
  readonly truth: Int32Array
  readonly indices: Int32Array
  /** [rows * steps, classes]; undefined if the output's numbers are not probabilities. */
  readonly probabilities: Float64Array | undefined
}

/** Predicted numbers of all rows beside the true ones, `size` of them a row, in the unit of the target. */
export type PredictedNumbers = {
  readonly state: NumbersState
  readonly size: number
  readonly truth: Float64Array
  readonly predicted: Float64Array
}

export type PredictedSet = {
  readonly outputs: readonly (PredictedClasses | PredictedNumbers)[]
  /** The row of the table, from 0, of each row. */
  readonly sourceRow: Uint32Array
}

/** Predictions of a model for all rows of a set, with their targets. */
export async function predictSet(
  session: Session,
  set: RowSet,
  states: readonly OutputState[],
  batchSize: number,
): Promise<PredictedSet> {
  const parts: PredictedSet[] = []
  for await (const { encoded } of windowsOf(set, inOrder, { batchSize })) {
    const values = await session.predict(encoded, batchSize)
    const outputs = states.flatMap((state) => partOf(state, values.get(state.name), encoded) ?? [])
    parts.push({ outputs, sourceRow: encoded.sourceRow.slice() })
    if (encoded !== set.whole) session.unload(encoded)
  }
  return joinedSets(parts)
}

/** The rows of several sets with the same outputs, one set after the other. */
export function joinedSets(parts: readonly PredictedSet[]): PredictedSet {
  return {
    outputs: (parts[0]?.outputs ?? []).map((first, i) =>
      joinedParts(
        first,
        parts.flatMap(({ outputs }) => outputs[i] ?? []),
      ),
    ),
    sourceRow: Uint32Array.from(joinedNumbers(parts.map(({ sourceRow }) => sourceRow))),
  }
}

/** The predictions of some rows for an output; undefined where the rows have no targets for it. */
function partOf(
  state: OutputState,
  values: Float32Array | undefined,
  encoded: EncodedRows,
): PredictedClasses | PredictedNumbers | undefined {
  const target = encoded.targets.find(({ name }) => name === state.name)
  if (!target || !values) return undefined
  const found = decode(state, values)
  if (state.kind === 'classes' && target.kind === 'classes' && found.kind === 'classes') {
    const { classes, indices, steps, probabilities } = found
    return {
      state,
      classes,
      steps,
      indices,
      truth: target.data.slice(),
      probabilities: probabilities && Float64Array.from(probabilities),
    }
  }
  if (state.kind !== 'numbers' || target.kind !== 'numbers') return undefined
  const truth = decode({ ...state, probabilities: undefined }, target.data)
  if (found.kind !== 'numbers' || truth.kind !== 'numbers') return undefined
  const { size } = found
  return {
    state,
    size,
    truth: Float64Array.from(truth.values),
    predicted: Float64Array.from(found.values),
  }
}

function joinedParts(
  first: PredictedClasses | PredictedNumbers,
  parts: readonly (PredictedClasses | PredictedNumbers)[],
): PredictedClasses | PredictedNumbers {
  if (parts.length === 1) return first
  if ('indices' in first) {
    const all = parts.filter((part) => 'indices' in part)
    const shares = all.flatMap(({ probabilities }) => probabilities ?? [])
    return {
      ...first,
      truth: Int32Array.from(joinedNumbers(all.map(({ truth }) => truth))),
      indices: Int32Array.from(joinedNumbers(all.map(({ indices }) => indices))),
      probabilities: first.probabilities && joinedNumbers(shares),
    }
  }
  const all = parts.filter((part) => 'predicted' in part)
  return {
    ...first,
    truth: joinedNumbers(all.map(({ truth }) => truth)),
    predicted: joinedNumbers(all.map(({ predicted }) => predicted)),
  }
}

function joinedNumbers(parts: readonly ArrayLike<number>[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** True numbers as they were read, before they were rounded to 32 bits, where they are given. */
export function withTruth(
  output: PredictedNumbers,
  values: ArrayLike<number | string | undefined>,
): PredictedNumbers {
  if (values.length !== output.truth.length) return output
  return { ...output, truth: mapFloat64({ length: values.length }, (_, i) => Number(values[i] ?? NaN)) }
}
