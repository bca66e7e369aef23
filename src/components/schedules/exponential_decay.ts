import * as z from 'zod'

import { defineSchedule } from './schedule.ts'
import { updates } from './updates.ts'

/** Keras symbol: keras.optimizers.schedules.ExponentialDecay. */
export const exponentialDecay = defineSchedule({
  type: 'exponential_decay',
  aliases: ['exponential'],
  summary: 'initial_learning_rate * decay_rate ^ (step / decay_steps)',
  options: () => ({
    initial_learning_rate: z.number().positive().describe('Learning rate of the first update'),
    decay_steps: updates().describe('Updates over which the rate is multiplied by decay_rate once'),
    decay_rate: z.number().positive().describe('Factor of the decay'),
    staircase: z.boolean().default(false).describe('Decay in jumps, once every decay_steps updates'),
  }),
  learningRate(b, step, { initial_learning_rate, decay_steps, decay_rate, staircase }) {
    const periods = b.div(step, decay_steps)
    return b.mul(b.pow(decay_rate, staircase ? b.floor(periods) : periods), initial_learning_rate)
  },
})
