import type { ComponentConfig } from '../../registry.ts'

/** A layer that is looked into, or the gates of one, which have no parameters of their own. */
export type ProbedLayer = {
  readonly name: string
  /** The layer that they are the gates of. */
  readonly gatesOf?: string
  readonly isOutput: boolean
  /** The shape of its output for a row. */
  readonly shape: readonly number[]
  /** The activation whose output is the layer's own. */
  readonly activation: ComponentConfig | undefined
  /** Ids of its parameters that are trained. */
  readonly parameters: readonly string[]
}

/** An image [height, width, channels] that training takes. */
export type ProbedImage = {
  readonly input: string
  /** Its place in the first batch of the epoch. */
  readonly row: number
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** The loss of an output's predictions for a sample, and that of always predicting the mean target. */
export type OutputFit = { readonly output: string; readonly loss: number; readonly ofMean: number }

/** The loss of a batch and its gradients, NaN where it is no number. */
export type ProbedGradients = {
  readonly loss: number
  readonly byParameter: ByParameter
  readonly bySteps: readonly StepGradients[]
}

/** The norm of the gradient to each step of the input of a recurrent layer, in the order in which it takes them. */
export type StepGradients = {
  readonly layer: string
  readonly direction: 'one way' | 'both ways'
  readonly norms: readonly number[]
}

type ByParameter = ReadonlyMap<string, Float32Array>

/**
 * The model that is trained, by its weights of the moment, on a fixed sample of training rows. It computes apart from the
 * training, whose bits stay the same.
 */
export interface Probe {
  /** In the order of the graph. */
  readonly layers: readonly ProbedLayer[]
  /** Keys of the config that hold training back, such as model.layers[1].rate. */
  readonly restraints: readonly string[]
  /** The outputs of layers in a training step, one batch after another: [rows, ...] by the layer's name. */
  outputs(layers: readonly string[]): AsyncIterable<ReadonlyMap<string, Float32Array>>
  /** The weights of the moment. */
  weights(): Promise<ByParameter>
  gradients(): Promise<ProbedGradients>
  /** The losses over the sample, without penalties and row weights, of the outputs of which that can be told. */
  fits(): Promise<readonly OutputFit[]>
  /** The first images of an epoch, counted from 0, after their augmentations; none where no input is an image. */
  images(epoch: number, count: number): Promise<readonly ProbedImage[]>
  /** The change of each parameter that a training step on one batch would make. */
  updates(factor: number): Promise<ByParameter>
}
