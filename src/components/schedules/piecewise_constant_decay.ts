import * as z from 'zod'

import { defineSchedule } from './schedule.ts'
import { epochsIn, updates } from './updates.ts'

/** Keras symbol: keras.optimizers.schedules.PiecewiseConstantDecay. */
export const piecewiseConstantDecay = defineSchedule({
  type: 'piecewise_constant_decay',
  aliases: ['piecewise_constant', 'piecewise'],
  summary: 'One rate up to each boundary, included, and another after the last',
  options: () => ({
    boundaries: z
      .array(updates(0))
      .min(1)
      .describe('Numbers of updates, or of epochs, ascending, after which the next rate holds'),
    values: z.array(z.number().min(0)).min(2).describe('The rates, one more than boundaries'),
  }),
  rules: [
    {
      needs: ['boundaries', 'values'],
      check({ boundaries, values }, report) {
        const count = boundaries.length + 1
        if (values.length === count) return
        const message = `${boundaries.length} boundaries separate ${count} values, got ${values.length}`
        report(['values'], message, { code: 'options' })
      },
    },
    {
      needs: ['boundaries'],
      check({ boundaries }, report) {
        const numbers = boundaries.map((boundary) => epochsIn(boundary) ?? Number(boundary))
        const units = new Set(boundaries.map((boundary) => typeof boundary))
        if (units.size === 1 && numbers.every((number, i) => number > (numbers[i - 1] ?? -1))) return
        const message = 'expected ascending numbers, all of updates or all of epochs'
        report(['boundaries'], message, { code: 'options' })
      },
    },
  ],
  learningRate(b, step, { boundaries, values }) {
    const last = b.constant(values[boundaries.length] ?? 0)
    return boundaries.reduceRight(
      (after, boundary, i) => b.select(b.lessEqual(step, boundary), values[i] ?? 0, after),
      last,
    )
  },
})
