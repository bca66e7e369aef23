import * as z from 'zod'

import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Keras symbol: keras.optimizers.SGD. */
export const sgd = defineOptimizer({
  type: 'sgd',
  keras: 'SGD',
  summary: 'Stochastic gradient descent, with or without momentum',
  options: () => ({
    learning_rate: learningRate(0.01),
    momentum: z.number().min(0).max(1).default(0).describe('Share of the last update added to this one'),
    nesterov: z.boolean().default(false).describe('Look ahead along the momentum (Nesterov)'),
    ...optimizerOptions(),
  }),
  slots: ({ momentum }) => (momentum === 0 ? [] : [{ name: 'momentum', initial: 0, averages: 'gradients' }]),
  update(b, { parameter, gradient, slots, learningRate }, { momentum, nesterov }) {
    const descent = b.mul(gradient, learningRate)
    if (slots['momentum'] === undefined) return { parameter: b.sub(parameter, descent), slots: {} }
    const velocity = b.sub(b.mul(slots['momentum'], momentum), descent)
    const move = nesterov ? b.sub(b.mul(velocity, momentum), descent) : velocity
    return { parameter: b.add(parameter, move), slots: { momentum: velocity } }
  },
})
