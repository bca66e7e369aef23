import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

export type AugmentationContext = {
  readonly b: Builder
  /** Uniform numbers in [0, 1) of a shape [batch, ...]; those of a row depend only on the seed, the epoch and the row. */
  uniform(purpose: string, shape: Shape): Value
}

/** A random change of the images that training sees. */
export interface AugmentationComponent<O extends Options = Options> extends Component<O> {
  /** x is [batch, height, width, channels], and so is the result. */
  apply(context: AugmentationContext, x: Value, config: Configured<O>): Value
}

export function defineAugmentation<O extends Options>(
  component: AugmentationComponent<O>,
): AugmentationComponent<O> {
  return component
}

/** A random number between two others for each image, [batch, 1, 1, 1]. */
export function drawBetween(
  { b, uniform }: AugmentationContext,
  purpose: string,
  x: Value,
  [low, high]: readonly [number, number],
): Value {
  const [batch = 0] = x.shape
  return b.reshape(b.add(b.mul(uniform(purpose, [batch]), high - low), low), [batch, 1, 1, 1])
}
