import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** A penalty on a tensor that is added to the loss. */
export interface RegularizerComponent<O extends Options = Options> extends Component<O> {
  /** Throws a ShapeError for tensors of a shape that it cannot penalize. */
  checkShape?(config: Configured<O>, shape: Shape): void
  /** The scalar penalty of x. */
  penalty(b: Builder, x: Value, config: Configured<O>): Value
}

export function defineRegularizer<O extends Options>(
  component: RegularizerComponent<O>,
): RegularizerComponent<O> {
  return component
}
