import * as z from 'zod'

import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Duchi et al. (2011). Keras symbol: keras.optimizers.Adagrad. */
export const adagrad = defineOptimizer({
  type: 'adagrad',
  summary: 'Gradients divided by the root of the sum of their squares so far',
  options: () => ({
    learning_rate: learningRate(0.001),
    initial_accumulator_value: z.number().min(0).default(0.1).describe('Initial value of the sum of squares'),
    epsilon: z.number().positive().default(1e-7).describe('Keeps the division finite'),
    ...optimizerOptions(),
  }),
  slots: ({ initial_accumulator_value }) => [{ name: 'accumulator', initial: initial_accumulator_value }],
  update(b, { parameter, gradient, slots, learningRate: rate }, { epsilon }) {
    const accumulator = b.add(slots['accumulator'] ?? 0, b.square(gradient))
    return {
      parameter: b.sub(parameter, b.div(b.mul(gradient, rate), b.sqrt(b.add(accumulator, epsilon)))),
      slots: { accumulator },
    }
  },
})
