// How TensorFlow.js (tfjs-layers 4.22) treats masks, and how to save a model so that it treats them as Keras does. Its
// executor hands a layer the mask of its first input if any input has one, and else the one that it last handed to any
// layer: so a layer that reads masks sees a stale one, unless its own input has a mask.
import type { KerasTensor, WrappedLayer } from '../components/topology.ts'

/** The layers of TensorFlow.js whose output has its input's mask; others lose it without a word. */
const KEEP_MASKS: ReadonlySet<string> = new Set([
  'Activation',
  'AlphaDropout',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'LayerNormalization',
  'PReLU',
  'ReLU',
  'SpatialDropout1D',
  'TimeDistributed',
])

/** Those that lose it, but keep it if they are applied step by step. */
const KEEP_MASKS_BY_STEP: ReadonlySet<string> = new Set(['ELU', 'LeakyReLU', 'Rescaling', 'ThresholdedReLU'])

/** Those that read the mask that they are handed. */
const READ_MASKS: ReadonlySet<string> = new Set(['Bidirectional', 'GRU', 'LSTM', 'SimpleRNN'])

/** Those that make a mask of several, of another shape or meaning than Keras does. */
const MERGE_MASKS: ReadonlySet<string> = new Set([
  'Add',
  'Average',
  'Concatenate',
  'Dot',
  'Maximum',
  'Minimum',
  'Multiply',
])

/** A number that no step consists of: a Masking layer with it keeps all steps. */
export const NO_STEP = -3.4028234663852886e38

export type MaskTreatment = 'keep' | 'by_step' | 'lose' | 'read' | 'merge'

export function maskTreatment(className: string): MaskTreatment {
  if (KEEP_MASKS.has(className)) return 'keep'
  if (KEEP_MASKS_BY_STEP.has(className)) return 'by_step'
  if (READ_MASKS.has(className)) return 'read'
  return MERGE_MASKS.has(className) ? 'merge' : 'lose'
}

/** True where the mask that TensorFlow.js makes for joined inputs of shape [steps, features] is that of Keras. */
export function joinsMasks(className: string, axis: unknown, inputs: readonly KerasTensor[]): boolean {
  const [first] = inputs
  if (
    className !== 'Concatenate' ||
    inputs.some(({ masked, shape }) => masked !== true || shape.length !== 2)
  )
    return false
  return axis === 1 || inputs.every(({ origin }) => origin === first?.origin)
}

/** False for a layer that fails where any layer before it had a mask, whatever its input has. */
export function canReset({ className, wrapped }: WrappedLayer): boolean {
  return !(
    className === 'Softmax' ||
    (className === 'TimeDistributed' && wrapped && READ_MASKS.has(wrapped.className))
  )
}
