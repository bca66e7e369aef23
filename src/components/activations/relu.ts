import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { above, affine, ramp, sum } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.relu. */
export const relu = defineActivation({
  type: 'relu',
  kerasLayer: 'ReLU',
  summary: 'max(x, 0), with an optional leak, ceiling and threshold',
  options: () => ({
    negative_slope: z.number().min(0).default(0).describe('Slope below the threshold'),
    max_value: z.number().positive().nullable().default(null).describe('Largest value the output may take'),
    threshold: z.number().default(0).describe('Input at and below which the output is damped'),
  }),
  tfjs: ({ negative_slope, max_value, threshold }) => {
    if (negative_slope !== 0 || threshold !== 0) return undefined
    return max_value === null ? 'relu' : max_value === 6 ? 'relu6' : undefined
  },
  topology(keras, { negative_slope, max_value, threshold }, x) {
    const kept = threshold === 0 ? x : above(keras, x, threshold)
    const clipped = threshold === 0 || max_value !== null ? ramp(keras, kept, max_value) : kept
    if (negative_slope === 0) return clipped
    const below = ramp(keras, affine(keras, x, -1, threshold))
    return sum(keras, clipped, affine(keras, below, -negative_slope))
  },
  flat: ({ negative_slope, max_value }) => ({
    ...(negative_slope === 0 && { off: 0 }),
    ...(max_value !== null && { saturated: [max_value] }),
  }),
  apply(b, x, { negative_slope, max_value, threshold }) {
    if (negative_slope !== 0 && max_value === null && threshold === 0) {
      return b.select(b.greater(x, 0), x, b.mul(x, negative_slope))
    }
    const kept = threshold === 0 ? b.relu(x) : b.select(b.greater(x, threshold), x, 0)
    // A threshold below 0 lets negative values through: a ceiling takes them away, as in Keras.
    const clipped = max_value === null ? kept : b.clip(kept, 0, max_value)
    if (negative_slope === 0) return clipped
    return b.sub(clipped, b.mul(b.relu(b.sub(threshold, x)), negative_slope))
  },
})
