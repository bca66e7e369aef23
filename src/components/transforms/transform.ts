import * as z from 'zod'

import type { Component, Configured, Options } from '../../registry.ts'
import type { FittedEncoding } from '../../runtime/encodings/index.ts'
import type { EncodedFeature } from '../../runtime/preprocessing.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { savedScaling } from './scaling.ts'

/** Sees every training value once, then gives the scaling. */
export type ScalingFit = { add(value: number): void; scaling(): FittedScaling }

/** Scales numbers, each column by itself; it can be undone, so that targets may be scaled too. */
export interface ScalingComponent<O extends Options = Options> extends Component<O> {
  readonly kind: 'scaling'
  /** The scaling does not depend on the values. */
  readonly isFixed?: boolean
  /** Zero stays zero, so that ratios stay what they are. */
  readonly keepsZero?: boolean
  /** The lengths of the lists among its options, which have a number for each channel. */
  channels?(config: Configured<O>): readonly number[]
  /** The fit of a column, or of one channel of arrays; undefined where numbers stay as they are. */
  fit(config: Configured<O>, channel?: number): ScalingFit | undefined
}

/** Turns strings into numbers. What it learns from the training split is plain data, saved with the model. */
export interface EncodingComponent<O extends Options = Options> extends Component<O> {
  readonly kind: 'encoding'
  /** Learns from the strings of the training split; only which values exist is known from all rows of the run. */
  fit(strings: Iterable<string>, config: Configured<O>, all?: Iterable<string>): FittedEncoding
  /** Schema of a saved feature that it encodes. */
  saved(): z.ZodType<EncodedFeature>
}

/** Turns a column into numbers. */
export type TransformComponent = ScalingComponent | EncodingComponent

export function defineScaling<O extends Options>(
  component: Omit<ScalingComponent<O>, 'kind'>,
): ScalingComponent<O> {
  return { ...component, kind: 'scaling' }
}

export function defineEncoding<O extends Options>(
  component: Omit<EncodingComponent<O>, 'kind'>,
): EncodingComponent<O> {
  return { ...component, kind: 'encoding' }
}

/** Schema of a saved feature with an encoding of this type and state. */
export function savedEncoding<T extends string, S extends z.ZodRawShape>(transform: T, state: S) {
  return z.strictObject({
    kind: z.literal('encoded'),
    column: z.string(),
    scalings: z.array(savedScaling()).optional(),
    transform: z.literal(transform),
    state: z.strictObject(state),
  })
}
