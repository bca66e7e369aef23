import type { Shape } from '../../ir/ir.ts'
import type { ComponentConfig } from '../../registry.ts'
import { activations } from '../activations/index.ts'

/** A JSON value as Keras configs hold them. */
export type KerasConfig = { readonly [key: string]: KerasValue }
export type KerasValue = string | number | boolean | null | readonly KerasValue[] | KerasConfig

/** The output of a layer in a TensorFlow.js model, by its layer's name; the shape is without the batch axis. */
export type KerasTensor = {
  readonly layer: string
  readonly shape: Shape
  /** Whether a mask says which of its steps to skip; a layer with `masking: 'use'` says it of its output. */
  readonly masked?: boolean
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
  /** Says that plain TensorFlow.js lacks what was added: it loads in nnlab only. */
  unsupported(what: string): void
}

/** Adds a layer with an activation: built in where TensorFlow.js has the function, else as layers of their own after it. */
export function withActivation(
  keras: Topology,
  activation: ComponentConfig,
  build: (activation: string) => KerasTensor,
): KerasTensor {
  const component = activations.of(activation)
  const native = component.tfjs?.(activation)
  if (native !== undefined) return build(native)
  if (component.topology !== undefined) return component.topology(keras, activation, build('linear'))
  keras.unsupported(`activation ${activation.type}`)
  return build(activation.type)
}
