import * as z from 'zod'

import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Chen et al. (2023). Keras symbol: keras.optimizers.Lion. */
export const lion = defineOptimizer({
  type: 'lion',
  summary: 'Steps of one size: the sign of the average of the gradients',
  options: () => ({
    learning_rate: learningRate(0.001),
    beta_1: z
      .number()
      .positive()
      .max(1)
      .default(0.9)
      .describe('Share of the average in the sum whose sign is taken; the rest is the gradient'),
    beta_2: z.number().min(0).max(1).default(0.99).describe('Decay of the average of the gradients'),
    ...optimizerOptions(),
  }),
  slots: () => [{ name: 'momentum', initial: 0, averages: 'gradients' }],
  update(b, { parameter, gradient, slots, learningRate: rate }, { beta_1, beta_2 }) {
    const average = slots['momentum'] ?? 0
    const direction = b.sign(b.add(b.mul(average, beta_1), b.mul(gradient, 1 - beta_1)))
    return {
      parameter: b.sub(parameter, b.mul(direction, rate)),
      slots: { momentum: b.add(b.mul(average, beta_2), b.mul(gradient, 1 - beta_2)) },
    }
  },
})
