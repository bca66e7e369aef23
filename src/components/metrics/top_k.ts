import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'

export function kOption() {
  return z.int().positive().default(5).describe('Number of largest predictions that count')
}

/** f32 [...] of a prediction [..., n]: 1 where fewer than k classes are more likely than the target class, i32 [...]. */
export function inTopK(b: Builder, prediction: Value, target: Value, k: number): Value {
  const wanted = b.oneHot(target, prediction.shape.at(-1) ?? 1)
  const own = b.sum(b.mul(prediction, wanted), -1, true)
  return b.less(b.sum(b.greater(prediction, own), -1), k)
}

/** f32 of x's shape: 1 at the k largest elements along the last axis, the first ones of equals. */
export function topK(b: Builder, x: Value, k: number): Value {
  const classes = x.shape.at(-1) ?? 1
  let rest = x
  let chosen = b.constant(0, x.shape)
  for (let i = 0; i < Math.min(k, classes); i++) {
    const largest = b.oneHot(b.argmax(rest), classes)
    chosen = b.add(chosen, largest)
    rest = b.select(largest, -3.4e38, rest)
  }
  return chosen
}

/** Refuses a k for which every class is among the largest. */
export function checkK({ k }: { readonly k: number }, prediction: Shape): void {
  const classes = prediction.at(-1) ?? 1
  if (k < classes) return
  throw new ShapeError(`the ${k} likeliest are all of the ${classes} classes: the metric is always 1`, {
    option: 'k',
    hint: classes > 2 ? `use a k below ${classes}` : 'use accuracy',
  })
}
