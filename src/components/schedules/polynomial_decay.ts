import * as z from 'zod'

import { defineSchedule } from './schedule.ts'
import { updates } from './updates.ts'

/** Keras symbol: keras.optimizers.schedules.PolynomialDecay. */
export const polynomialDecay = defineSchedule({
  type: 'polynomial_decay',
  aliases: ['polynomial'],
  summary: '(initial - end) * (1 - step / decay_steps) ^ power + end',
  options: () => ({
    initial_learning_rate: z.number().positive().describe('Learning rate of the first update'),
    decay_steps: updates().describe('Updates until the end rate is reached'),
    end_learning_rate: z.number().min(0).default(0.0001).describe('Learning rate at the end of the decay'),
    power: z.number().positive().default(1).describe('Exponent: 1 falls in a straight line'),
    cycle: z
      .boolean()
      .default(false)
      .describe('Start over each time the end is reached, over more updates, instead of staying there'),
  }),
  learningRate(b, step, { initial_learning_rate, decay_steps, end_learning_rate, power, cycle }) {
    const share = cycle
      ? b.div(step, b.mul(b.max(b.ceil(b.div(step, decay_steps)), 1), decay_steps))
      : b.div(b.min(step, decay_steps), decay_steps)
    const fall = b.mul(b.pow(b.sub(1, share), power), initial_learning_rate - end_learning_rate)
    return b.add(fall, end_learning_rate)
  },
})
