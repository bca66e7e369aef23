import * as z from 'zod'

import { defineSchedule } from './schedule.ts'

/** Keras symbol: keras.optimizers.schedules.PiecewiseConstantDecay. */
export const piecewiseConstantDecay = defineSchedule({
  type: 'piecewise_constant_decay',
  aliases: ['piecewise_constant', 'piecewise'],
  summary: 'One rate up to each boundary, included, and another after the last',
  options: () => ({
    boundaries: z
      .array(z.int().min(0))
      .min(1)
      .describe('Numbers of updates, ascending, after which the next rate holds'),
    values: z.array(z.number().min(0)).min(2).describe('The rates, one more than boundaries'),
  }),
  check({ boundaries, values }, report) {
    if (values.length !== boundaries.length + 1) {
      const wanted = boundaries.length + 1
      report('values', `${boundaries.length} boundaries part ${wanted} values, got ${values.length}`)
    }
    if (boundaries.some((boundary, i) => boundary <= (boundaries[i - 1] ?? -1))) {
      report('boundaries', 'expected ascending numbers of updates')
    }
  },
  learningRate(b, step, { boundaries, values }) {
    const last = b.constant(values[boundaries.length] ?? 0)
    return boundaries.reduceRight(
      (after, boundary, i) => b.select(b.lessEqual(step, boundary), values[i] ?? 0, after),
      last,
    )
  },
})
