import type * as z from 'zod'

import type { Component, Configured, Options } from '../../registry.ts'
import type { Scaling } from './scaling.ts'

/** Sees every training value once, then says how to scale. */
export type ScalingFit = { add(value: number): void; scaling(): Scaling }

/** Scales numbers, each column by itself; it can be undone, so that targets may be scaled too. */
export interface ScalingComponent<O extends Options = Options> extends Component<O> {
  readonly kind: 'scaling'
  /** Undefined where numbers stay as they are. */
  fit(config: Configured<O>): ScalingFit | undefined
}

/** Texts of a column as numbers. */
export type Encoding = {
  /** How many numbers a text becomes. */
  readonly width: number
  /** What they are, in a few words, as in `one-hot over 3 values`. */
  readonly title: string
  /** Writes the numbers of a text to data[at...], which holds zeros; the missing text is empty. Returns what is wrong with it. */
  write(text: string, data: Float32Array, at: number): string | undefined
}

/** Turns texts into numbers. What it learns from the training texts is plain data, saved with the model. */
export interface EncodingComponent<O extends Options = Options> extends Component<O> {
  readonly kind: 'encoding'
  /** The state that the texts of the training split lead to. */
  fit(texts: Iterable<string>, config: Configured<O>): unknown
  /** Whether a saved state can be restored. */
  accepts(state: unknown): boolean
  restore(state: unknown): Encoding
}

/** How a column becomes numbers. */
export type TransformComponent = ScalingComponent | EncodingComponent

export function defineScaling<O extends Options>(
  component: Omit<ScalingComponent<O>, 'kind'>,
): ScalingComponent<O> {
  return { ...component, kind: 'scaling' }
}

/** An encoding whose saved state has the type S, which only its own file knows. */
export function defineEncoding<O extends Options, S>(
  component: Component<O> & {
    /** Made when it is needed, as the options are: most runs have no such column. */
    state(): z.ZodType<S>
    fit(texts: Iterable<string>, config: Configured<O>): S
    encoding(state: S): Encoding
  },
): EncodingComponent<O> {
  const { state, fit, encoding, ...rest } = component
  let schema: z.ZodType<S> | undefined
  const stateSchema = (): z.ZodType<S> => (schema ??= state())
  return {
    ...rest,
    kind: 'encoding',
    fit,
    accepts: (state) => stateSchema().safeParse(state).success,
    restore: (state) => encoding(stateSchema().parse(state)),
  }
}
