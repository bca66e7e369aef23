import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { KerasTensor, Topology } from '../topology.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** A function of a tensor of any shape, elementwise or along one axis. */
export interface ActivationComponent<O extends Options = Options> extends Component<O> {
  /**
   * The output's shape for an input's, both without the batch axis, where the function works along an axis.
   * Throws a ShapeError for a shape that has no such axis. Elementwise functions have none: any shape stays as it is.
   */
  outputShape?(config: Configured<O>, shape: Shape): Shape
  /** The layer of Keras that is this function and has the same options; activations of Keras have a name only. */
  readonly kerasLayer?: string
  /** Outputs at which its gradient vanishes; default: there are none. */
  flat?(config: Configured<O>): FlatOutputs
  /** The name that a TensorFlow.js layer config uses for exactly this function, where it has one. */
  tfjs?(config: Configured<O>): string | undefined
  /** The same function as TensorFlow.js layers of its own, where it has no name there. */
  topology?(keras: Topology, config: Configured<O>, x: KerasTensor): KerasTensor
  /** x is [batch, ...]. */
  apply(b: Builder, x: Value, config: Configured<O>): Value
}

/** Outputs of a unit at which the gradient of its activation vanishes. */
export type FlatOutputs = {
  /** The output of a unit that is off, as many units of relu are at any time. */
  readonly off?: number
  /** The outputs of a unit that is saturated; of functions along an axis, those of the largest element. */
  readonly saturated?: readonly number[]
}

export function defineActivation<O extends Options>(
  component: ActivationComponent<O>,
): ActivationComponent<O> {
  return component
}
