import * as z from 'zod'

import { defineOptimizer } from './optimizer.ts'
import type { OptimizerSlot } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

const velocitySlot: OptimizerSlot = { name: 'velocity', initial: 0, averages: 'squares' }
const momentumSlot: OptimizerSlot = { name: 'momentum', initial: 0, averages: 'gradients' }
const averageSlot: OptimizerSlot = { name: 'average_gradient', initial: 0, averages: 'gradients' }

/** Hinton's lecture 6e, with Keras's epsilon inside the root. Keras symbol: keras.optimizers.RMSprop. */
export const rmsprop = defineOptimizer({
  type: 'rmsprop',
  keras: 'RMSprop',
  summary: 'Gradients divided by their root mean square',
  options: () => ({
    learning_rate: learningRate(0.001),
    rho: z.number().min(0).lt(1).default(0.9).describe('Decay of the average of the squares'),
    momentum: z.number().min(0).max(1).default(0).describe('Share of the last update added to this one'),
    epsilon: z.number().positive().default(1e-7).describe('Keeps the division finite'),
    centered: z.boolean().default(false).describe('Divide by the deviation instead of the root mean square'),
    ...optimizerOptions(),
  }),
  slots: ({ momentum, centered }) => [
    velocitySlot,
    ...(momentum > 0 ? [momentumSlot] : []),
    ...(centered ? [averageSlot] : []),
  ],
  update(b, { parameter, gradient, slots, learningRate: rate }, { rho, momentum, epsilon }) {
    const velocity = b.add(b.mul(slots['velocity'] ?? 0, rho), b.mul(b.square(gradient), 1 - rho))
    const average =
      slots['average_gradient'] && b.add(b.mul(slots['average_gradient'], rho), b.mul(gradient, 1 - rho))
    const variance = average ? b.sub(velocity, b.square(average)) : velocity
    const step = b.div(b.mul(gradient, rate), b.sqrt(b.add(variance, epsilon)))
    const move = slots['momentum'] ? b.add(b.mul(slots['momentum'], momentum), step) : step
    return {
      parameter: b.sub(parameter, move),
      slots: {
        velocity,
        ...(slots['momentum'] && { momentum: move }),
        ...(average && { average_gradient: average }),
      },
    }
  },
})
