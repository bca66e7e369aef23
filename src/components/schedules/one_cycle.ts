import * as z from 'zod'

import type { Value } from '../../ir/ir.ts'
import { defineSchedule } from './schedule.ts'
import { updates } from './updates.ts'

/** Smith and Topin (2018), with the phases and defaults of PyTorch's OneCycleLR. */
export const oneCycle = defineSchedule({
  type: 'one_cycle',
  keras: null,
  aliases: ['one_cycle_lr'],
  summary: 'Up to the largest rate and down to almost none, each in half a cosine wave',
  options: () => ({
    max_learning_rate: z.number().positive().describe('Largest rate'),
    total_steps: updates().describe(
      'Updates of the cycle, or epochs, as in "20 epochs": those of the training',
    ),
    pct_start: z.number().gt(0).lt(1).default(0.3).describe('Share of the cycle in which the rate rises'),
    div_factor: z.number().min(1).default(25).describe('The first rate is the largest one divided by this'),
    final_div_factor: z
      .number()
      .min(1)
      .default(1e4)
      .describe('The last rate is the first one divided by this'),
  }),
  learningRate(b, step, { max_learning_rate, total_steps, pct_start, div_factor, final_div_factor }) {
    const [first, last] = [max_learning_rate / div_factor, max_learning_rate / div_factor / final_div_factor]
    const [top, end] = [pct_start * total_steps - 1, Math.max(1, total_steps - 1)]
    const between = (from: number, to: number, share: Value): Value => {
      const left = b.mul(b.add(b.cos(b.mul(share, Math.PI)), 1), 0.5)
      return b.add(b.mul(left, from - to), to)
    }
    const rise = between(first, max_learning_rate, b.div(step, Math.max(top, 1)))
    const fall = b.div(b.sub(b.min(step, end), top), Math.max(end - top, 1))
    return b.select(b.less(step, top), rise, between(max_learning_rate, last, fall))
  },
})
