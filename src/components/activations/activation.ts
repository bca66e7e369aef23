import type { Builder } from '../../compiler/builder.ts'
import type { Value } from '../../compiler/ir.ts'
import type { KerasTensor, Topology } from '../layers/topology.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** An elementwise (or, as softmax, last-axis) function of a tensor of any shape. */
export interface ActivationComponent<O extends Options = Options> extends Component<O> {
  /** The name that a TensorFlow.js layer config uses for exactly this function, where it has one. */
  tfjs?(config: Configured<O>): string | undefined
  /** The same function as TensorFlow.js layers of its own, where it has no name there. */
  topology?(keras: Topology, config: Configured<O>, x: KerasTensor): KerasTensor
  apply(b: Builder, x: Value, config: Configured<O>): Value
}

export function defineActivation<O extends Options>(
  component: ActivationComponent<O>,
): ActivationComponent<O> {
  return component
}
