import type { Builder } from '../../ir/builder.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import type { MetricInputs } from './metric.ts'

/** Predictions [batch, ..., n] and their targets as rows [r, n], and the weight of each row [r, 1]. */
export function asRows(b: Builder, { target, prediction, weights }: MetricInputs): MetricInputs {
  const rows = [sizeOf(weights.shape), prediction.shape.at(-1) ?? 1]
  return {
    target: b.reshape(target, rows),
    prediction: b.reshape(prediction, rows),
    weights: b.reshape(weights, [sizeOf(weights.shape), 1]),
  }
}

/** The weighted sum over the rows of a value [r, n]: [n]. */
export function sumRows(b: Builder, values: Value, weights: Value): Value {
  return b.sum(b.mul(values, weights), 0)
}
