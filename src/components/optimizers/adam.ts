import * as z from 'zod'

import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Kingma and Ba (2014), with Keras's epsilon outside the bias correction. Keras symbol: keras.optimizers.Adam. */
export const adam = defineOptimizer({
  type: 'adam',
  summary: 'Adaptive moments: gradients averaged and divided by their root mean square',
  options: () => ({
    learning_rate: learningRate(0.001),
    beta_1: z.number().min(0).lt(1).default(0.9).describe('Decay of the average of the gradients'),
    beta_2: z.number().min(0).lt(1).default(0.999).describe('Decay of the average of their squares'),
    epsilon: z.number().positive().default(1e-7).describe('Keeps the division finite'),
    amsgrad: z.boolean().default(false).describe('Divide by the largest average of squares so far'),
    ...optimizerOptions(),
  }),
  interleaved: 2,
  slots: ({ amsgrad }) => [
    { name: 'momentum', initial: 0, averages: 'gradients' },
    { name: 'velocity', initial: 0, averages: 'squares' },
    ...(amsgrad ? [{ name: 'velocity_hat', initial: 0 }] : []),
  ],
  update(b, { parameter, gradient, slots, learningRate: rate, step }, { beta_1, beta_2, epsilon }) {
    const correction = b.div(b.sqrt(b.sub(1, b.pow(beta_2, step))), b.sub(1, b.pow(beta_1, step)))
    const momentum = b.add(b.mul(slots['momentum'] ?? 0, beta_1), b.mul(gradient, 1 - beta_1))
    const velocity = b.add(b.mul(slots['velocity'] ?? 0, beta_2), b.mul(b.square(gradient), 1 - beta_2))
    const largest = slots['velocity_hat'] === undefined ? undefined : b.max(slots['velocity_hat'], velocity)
    const scale = b.add(b.sqrt(largest ?? velocity), epsilon)
    return {
      parameter: b.sub(parameter, b.div(b.mul(momentum, b.mul(rate, correction)), scale)),
      slots: { momentum, velocity, ...(largest && { velocity_hat: largest }) },
    }
  },
})
