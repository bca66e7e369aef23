import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** Projects a parameter back into its allowed set after each update. */
export interface ConstraintComponent<O extends Options = Options> extends Component<O> {
  /** Throws a ShapeError for parameters of a shape that it cannot bound. */
  checkShape?(config: Configured<O>, shape: Shape): void
  project(b: Builder, parameter: Value, config: Configured<O>): Value
}

export function defineConstraint<O extends Options>(
  component: ConstraintComponent<O>,
): ConstraintComponent<O> {
  return component
}
