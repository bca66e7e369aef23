import type { Builder } from '../../compiler/builder.ts'
import type { Value } from '../../compiler/ir.ts'
import { EPSILON } from '../epsilon.ts'
import type { Compared } from './loss.ts'

/** The cosine of the angle between target and prediction along an axis, which is removed; 0 where one of them is 0. */
export function cosine(b: Builder, { target, prediction }: Compared, axis: number): Value {
  return b.sum(b.mul(unit(b, target, axis), unit(b, prediction, axis)), axis)
}

/** Vectors along an axis, of length 1. Keras symbol: keras.ops.normalize. */
export function unit(b: Builder, x: Value, axis: number): Value {
  return b.mul(x, b.min(b.rsqrt(b.sum(b.square(x), axis, true)), 1 / EPSILON))
}
