import type * as tfjs from '@tensorflow/tfjs-core'

import type { Tensor, Tf } from '../backend.ts'
import type { BackendName } from '../backend-names.ts'

export type KernelInputs = Readonly<Record<string, Tensor>>

/** A kernel that some backends lack or compute wrongly. */
export type KernelFix = {
  readonly kernelName: string
  readonly backends: readonly BackendName[]
  /** Computes the kernel; `original` is the backend's. */
  compute(tf: Tf, inputs: KernelInputs, attrs: Attrs, original: Kernel): Tensor
}

export type Kernel = (inputs: KernelInputs, attrs: Attrs) => Tensor

/** A gradient that tfjs-core lacks or gets wrong, on every backend. */
export type GradientFix = {
  readonly kernelName: string
  /** The inputs to keep for it, in this order. */
  readonly saves: readonly string[]
  /** The gradients by input; `original` gives those of tfjs-core. */
  gradient(tf: Tf, saved: SavedForGradient): Gradients
}

export type Gradients = Record<string, () => Tensor>

export type SavedForGradient = {
  readonly dy: Tensor
  readonly inputs: KernelInputs
  readonly attrs: Attrs
  original(): Gradients
}

/** The attributes of the kernels here: each has some of them, which tfjs leaves untyped. */
export type Attrs = {
  readonly axis?: number | number[]
  readonly reps: number[]
  readonly numSegments: number
  readonly filterSize: number | number[]
  readonly filterShape: number[]
  readonly inputShape: number[]
  readonly strides: number | number[]
  readonly dilations?: number | number[]
  readonly pad: tfjs.Conv2DAttrs['pad']
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

export function given(inputs: KernelInputs, name: string): Tensor {
  const tensor = inputs[name]
  if (tensor === undefined) throw new Error(`a kernel is given no ${name}`)
  return tensor
}

/** The float32 elements of an input. */
export function valuesOf(inputs: KernelInputs, name: string): Float32Array {
  const values = given(inputs, name).dataSync()
  if (!(values instanceof Float32Array))
    throw new Error(`a kernel takes no ${name} of another type than float32`)
  return values
}

export function run(
  tf: Tf,
  kernelName: string,
  inputs: Record<string, Tensor>,
  attrs: Partial<Attrs>,
): Tensor {
  return tf.engine().runKernel(kernelName, inputs, attrs)
}

/** One number for each of `count` spatial axes. */
export function perAxis(value: number | readonly number[] | null | undefined, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (typeof value === 'number' ? value : (value?.[i] ?? 1)))
}
