import type { Builder } from '../../compiler/builder.ts'
import type { Value } from '../../compiler/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** A penalty on a tensor that is added to the loss. */
export interface RegularizerComponent<O extends Options = Options> extends Component<O> {
  /** The scalar penalty of x. */
  penalty(b: Builder, x: Value, config: Configured<O>): Value
}

export function defineRegularizer<O extends Options>(
  component: RegularizerComponent<O>,
): RegularizerComponent<O> {
  return component
}
