import type { Shape } from '../../compiler/ir.ts'
import type { Stream } from '../../random.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** Makes a parameter's first values, from its shape and its own stream of random numbers. */
export interface InitializerComponent<O extends Options = Options> extends Component<O> {
  initialize(shape: Shape, source: Stream, config: Configured<O>): Float32Array
}

export function defineInitializer<O extends Options>(
  component: InitializerComponent<O>,
): InitializerComponent<O> {
  return component
}
