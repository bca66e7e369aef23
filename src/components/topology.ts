import type { Shape } from '../ir/ir.ts'

/** A JSON value as Keras configs hold them. */
export type KerasConfig = { readonly [key: string]: KerasValue }
export type KerasValue = string | number | boolean | null | readonly KerasValue[] | KerasConfig

/** The output of a layer in a TensorFlow.js model, by its layer's name; the shape is without the batch axis. */
export type KerasTensor = {
  readonly layer: string
  /** The number of the call of that layer, where several layers share its weights; default: the first. */
  readonly call?: number | undefined
  readonly shape: Shape
  /** True where a mask tells which steps to skip; a layer with `masking: 'use'` sets it for its output. */
  readonly masked?: boolean
  /** The layer that made the mask. */
  readonly origin?: string
  /** The reason why TensorFlow.js has another mask or none. */
  readonly fault?: string | undefined
}

/** A layer inside another one. */
export type WrappedLayer = {
  readonly className: string
  readonly config: KerasConfig
  readonly wrapped?: WrappedLayer | undefined
}

/** Records the layers of a TensorFlow.js LayersModel: class names, configs and weights as plain data. */
export type Topology = {
  /**
   * Adds a layer. `weights` maps the weight's name in TensorFlow.js to the name of our parameter.
   * The first layer that a component adds bears the component's name, later ones a suffix.
   * `wrapped` is the layer that this one wraps, to which the weights then belong.
   */
  layer(
    className: string,
    config: KerasConfig,
    inputs: readonly KerasTensor[],
    shape: Shape,
    weights?: Readonly<Record<string, string>>,
    wrapped?: WrappedLayer,
  ): KerasTensor
  /** Marks what was added as missing in plain TensorFlow.js: the model loads in nnlab only. */
  unsupported(what: string): void
}
