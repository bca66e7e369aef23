// Numbers of the outputs as `nnlab predict` shows them, as layers of Keras: labels, probabilities, numbers in the target's units.
import { positiveIndex } from '../../runtime/preprocessing.ts'
import type { ClassesState, OutputState } from '../../runtime/preprocessing.ts'
import { limitOf, namesOfClasses } from '../../runtime/predictions.ts'
import type { RawResult } from '../raw.ts'
import { Float } from './json.ts'
import type { LayerWriter } from './layer-writer.ts'
import { normalized } from './raw-inputs.ts'
import type { TensorReference } from './tensors.ts'

/** Writes a result of an output [rows, ...shape]; `refused` is NaN in rows that are predicted nothing, [rows, 1]. */
export function writeResult(
  writer: LayerWriter,
  { name, holds, output }: RawResult,
  given: TensorReference,
  refused: TensorReference,
): TensorReference {
  const { shape } = output
  const blank = writer.layer('Reshape', `${name}_refused`, refused, { target_shape: shape.map(() => 1) })
  const y = writer.operation('Add', [toProbabilities(writer, output, given), blank])
  if (output.kind === 'numbers')
    return normalized(writer, name, y, { scalings: output.scalings, shape, invert: true })
  return holds === 'labels' ? labelsOf(writer, name, output, y) : bothClasses(writer, name, output, y)
}

function toProbabilities(
  writer: LayerWriter,
  { name, probabilities }: OutputState,
  y: TensorReference,
): TensorReference {
  if (probabilities === undefined || probabilities === 'linear') return y
  return writer.layer('Activation', `${name}_${probabilities}`, y, { activation: probabilities })
}

function labelsOf(
  writer: LayerWriter,
  name: string,
  state: ClassesState,
  y: TensorReference,
): TensorReference {
  // The first place of the lookup is that of no class.
  const place =
    state.shape.at(-1) === 1
      ? eitherClass(writer, state, y)
      : writer.operation('Add', [writer.operation('Argmax', [y], { axis: -1, keepdims: false }), 1])
  const total = writer.operation('Sum', [y], { axis: -1, keepdims: false })
  const known = writer.operation('Where', [writer.operation('Isnan', [total]), 0, place])
  const config = {
    vocabulary: namesOfClasses(state),
    invert: true,
    num_oov_indices: 1,
    oov_token: '',
    mask_token: null,
  }
  return writer.layer('StringLookup', name, known, config)
}

/** The place of the class for the number of an output of one unit: a probability, or a margin whose sign decides. */
function eitherClass(writer: LayerWriter, state: ClassesState, y: TensorReference): TensorReference {
  const limit = new Float(limitOf(state))
  const positive = positiveIndex(state)
  const share = writer.operation('Squeeze', [y], { axis: -1 })
  return writer.operation('Where', [writer.operation('Greater', [share, limit]), positive + 1, 2 - positive])
}

/** The probability of each class, also where one unit yields that of the positive one. */
function bothClasses(
  writer: LayerWriter,
  name: string,
  state: ClassesState,
  y: TensorReference,
): TensorReference {
  if (state.shape.at(-1) !== 1) return y
  const other = writer.operation('Subtract', [new Float(1), y])
  return writer.layer('Concatenate', name, positiveIndex(state) === 1 ? [other, y] : [y, other], { axis: -1 })
}
