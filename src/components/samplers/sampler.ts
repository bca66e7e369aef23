import type { Component, Configured, Options } from '../../registry.ts'
import type { Dimension, SearchPoint } from './dimension.ts'

/** A trial whose result is known. */
export type Observation = {
  readonly point: SearchPoint
  /** Lower is better; infinite where the trial failed. */
  readonly loss: number
  /** Number of rungs that the trial has passed: the losses of those on one rung are comparable. */
  readonly rung: number
}

/** A point to choose: every random choice derives from the seed and the number of the trial. */
export type Search = {
  readonly space: readonly Dimension[]
  readonly seed: number
  /** Number of the trial, from 0. */
  readonly trial: number
  /** Results of earlier trials, in their order. */
  readonly earlier: readonly Observation[]
}

/** A way to choose the parameters of trials. */
export interface SamplerComponent<O extends Options = Options> extends Component<O> {
  /** True where a point depends on the results of earlier trials. */
  readonly learns: boolean
  /** The reason for which it cannot search a space; undefined where it can. */
  refusal?(space: readonly Dimension[]): { readonly dimension?: number; readonly message: string } | undefined
  /** Number of its points, where they come to an end. */
  size?(space: readonly Dimension[]): number
  point(config: Configured<O>, search: Search): SearchPoint
}

export function defineSampler<O extends Options>(component: SamplerComponent<O>): SamplerComponent<O> {
  return component
}
