import type { Shape } from '../../ir/ir.ts'
import type { Stream } from '../../random.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** Makes a parameter's first values, from its shape and its own stream of random numbers. */
export interface InitializerComponent<O extends Options = Options> extends Component<O> {
  /** Throws a ShapeError for a shape that it cannot fill; `of` names the weight. */
  requireShape?(shape: Shape, of: string): void
  initialize(shape: Shape, source: Stream, config: Configured<O>): Float32Array
}

export function defineInitializer<O extends Options>(
  component: InitializerComponent<O>,
): InitializerComponent<O> {
  return component
}
