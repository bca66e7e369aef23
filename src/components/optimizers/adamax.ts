import * as z from 'zod'

import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Kingma and Ba (2014), section 7.1. Keras symbol: keras.optimizers.Adamax. */
export const adamax = defineOptimizer({
  type: 'adamax',
  summary: 'adam that divides by the largest gradient so far, slowly forgotten',
  options: () => ({
    learning_rate: learningRate(0.001),
    beta_1: z.number().min(0).lt(1).default(0.9).describe('Decay of the average of the gradients'),
    beta_2: z.number().min(0).lt(1).default(0.999).describe('Decay of the largest gradient'),
    epsilon: z.number().positive().default(1e-7).describe('Keeps the division finite'),
    ...optimizerOptions(),
  }),
  interleaved: 2,
  slots: () => [
    { name: 'momentum', initial: 0, averages: 'gradients' },
    { name: 'norm', initial: 0, averages: 'gradients' },
  ],
  update(b, { parameter, gradient, slots, learningRate: rate, step }, { beta_1, beta_2, epsilon }) {
    const momentum = b.add(b.mul(slots['momentum'] ?? 0, beta_1), b.mul(gradient, 1 - beta_1))
    const norm = b.max(b.mul(slots['norm'] ?? 0, beta_2), b.abs(gradient))
    const scale = b.mul(b.add(norm, epsilon), b.sub(1, b.pow(beta_1, step)))
    return {
      parameter: b.sub(parameter, b.div(b.mul(momentum, rate), scale)),
      slots: { momentum, norm },
    }
  },
})
