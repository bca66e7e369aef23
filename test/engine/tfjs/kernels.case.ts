import type { Tensor } from '@tensorflow/tfjs-core'
import type { Tf } from '../../../src/engine/tfjs/backend.ts'
import { randomUniform, stream } from '../../../src/random.ts'
import { sizeOf } from './kernels.reference.ts'
import type { NdArray, Shape } from './kernels.reference.ts'

/** An op on particular inputs, as tfjs runs it and as its definition reads. */
export type Case = {
  readonly name: string
  readonly inputs: readonly NdArray[]
  /** Native TensorFlow has no such kernel on a processor, or its binding refuses it; nnlab uses none of these. */
  readonly notNative?: boolean
  /** Written as a method, so that a case may name the rank it takes. */
  run(tf: Tf, x: Tensor, y: Tensor): Tensor
  readonly reference: (x: NdArray, y: NdArray) => NdArray
}

/** Uniform float32 numbers of [low, high); another name gives other numbers. */
export function uniform(shape: Shape, low = -1, high = 1, name = 'x'): NdArray {
  const numbers = randomUniform(stream(7, `${name}/${shape.join()}`), 0, sizeOf(shape))
  return { shape, values: Float64Array.from(numbers, (u) => Math.fround(low + (high - low) * u)) }
}

export function tensorOf(tf: Tf, { shape, values }: NdArray): Tensor {
  return tf.tensor(Float32Array.from(values), [...shape], 'float32')
}
