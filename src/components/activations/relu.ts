import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.relu. */
export const relu = defineActivation({
  type: 'relu',
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
  apply(b, x, { negative_slope, max_value, threshold }) {
    const kept = threshold === 0 ? b.relu(x) : b.mul(x, b.greater(x, threshold))
    const clipped = max_value === null ? kept : b.min(kept, max_value)
    if (negative_slope === 0) return clipped
    return b.sub(clipped, b.mul(b.relu(b.sub(threshold, x)), negative_slope))
  },
})
