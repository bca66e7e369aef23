import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** A learning rate as a function of the number of updates done. */
export interface ScheduleComponent<O extends Options = Options> extends Component<O> {
  /** `step` is an f32 scalar: 0 at the first update. */
  learningRate(b: Builder, step: Value, config: Configured<O>): Value
}

export function defineSchedule<O extends Options>(component: ScheduleComponent<O>): ScheduleComponent<O> {
  return component
}
