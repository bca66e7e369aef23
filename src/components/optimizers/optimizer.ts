import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/** A piece of optimizer state and the number it starts as. */
export type OptimizerSlot = {
  readonly name: string
  readonly initial: number
  /** The numbers that an average is of. Where gradients stay 0, it decays towards 0 with every step. */
  readonly averages?: 'gradients' | 'squares'
}

export type Update = {
  readonly parameter: Value
  readonly gradient: Value
  /** One tensor a slot, of the parameter's shape. */
  readonly slots: Readonly<Record<string, Value>>
  /** Scalars shared by all parameters, as they stood before this step. */
  readonly state: Readonly<Record<string, Value>>
  /** f32 scalar. */
  readonly learningRate: Value
  /** f32 scalar: 1 at the first update. */
  readonly step: Value
}

/** An update rule, per parameter. Weight decay, clipping and averaging are common to all and applied by the caller. */
export interface OptimizerComponent<O extends Options = Options> extends Component<O> {
  slots(config: Configured<O>): readonly OptimizerSlot[]
  /** The first slots, which Keras keeps parameter by parameter; each of the others it keeps for all parameters. Default: 1. */
  readonly interleaved?: number
  /** Scalars that one step changes once for all parameters. */
  readonly state?: readonly OptimizerSlot[]
  advance?(
    b: Builder,
    step: Pick<Update, 'state' | 'step'>,
    config: Configured<O>,
  ): Readonly<Record<string, Value>>
  /** The new parameter and slots. */
  update(
    b: Builder,
    update: Update,
    config: Configured<O>,
  ): { readonly parameter: Value; readonly slots: Readonly<Record<string, Value>> }
}

export function defineOptimizer<O extends Options>(component: OptimizerComponent<O>): OptimizerComponent<O> {
  return component
}
