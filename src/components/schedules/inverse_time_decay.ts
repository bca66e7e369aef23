import * as z from 'zod'

import { defineSchedule } from './schedule.ts'
import { updates } from './updates.ts'

/** Keras symbol: keras.optimizers.schedules.InverseTimeDecay. */
export const inverseTimeDecay = defineSchedule({
  type: 'inverse_time_decay',
  aliases: ['inverse_time'],
  summary: 'initial_learning_rate / (1 + decay_rate * step / decay_steps)',
  options: () => ({
    initial_learning_rate: z.number().positive().describe('Learning rate of the first update'),
    decay_steps: updates().describe('Updates over which decay_rate is added to the divisor once'),
    decay_rate: z.number().positive().describe('How fast the rate falls'),
    staircase: z.boolean().default(false).describe('Decay in jumps, once every decay_steps updates'),
  }),
  learningRate(b, step, { initial_learning_rate, decay_steps, decay_rate, staircase }) {
    const periods = b.div(step, decay_steps)
    const divisor = b.add(b.mul(staircase ? b.floor(periods) : periods, decay_rate), 1)
    return b.div(initial_learning_rate, divisor)
  },
})
