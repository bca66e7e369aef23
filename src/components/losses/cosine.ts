import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import { EPSILON } from '../epsilon.ts'
import type { LossInputs } from './loss.ts'

/** The cosine of the angle between target and prediction along an axis, which is removed; 0 where one of them is 0. */
export function cosine(b: Builder, { target, prediction }: LossInputs, axis: number): Value {
  return b.sum(b.mul(unit(b, target, axis), unit(b, prediction, axis)), axis)
}

/**
 * Vectors along an axis, of length 1; next to 0 those times 1e7, which has a gradient there. Keras symbol:
 * keras.ops.normalize.
 */
export function unit(b: Builder, x: Value, axis: number): Value {
  return b.mul(x, b.rsqrt(b.max(b.sum(b.square(x), axis, true), EPSILON ** 2)))
}
