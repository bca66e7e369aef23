import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'
import type { InUpdates } from './updates.ts'

/** A learning rate as a function of the number of updates done. */
export interface ScheduleComponent<O extends Options = Options> extends Component<O> {
  /** `step` is an f32 scalar: 0 at the first update; epochs among the options are updates by now. */
  learningRate(b: Builder, step: Value, config: InUpdates<Configured<O>>): Value
}

export function defineSchedule<O extends Options>(component: ScheduleComponent<O>): ScheduleComponent<O> {
  return component
}
