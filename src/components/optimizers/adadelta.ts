import * as z from 'zod'

import type { Operand, Value } from '../../ir/ir.ts'
import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Zeiler (2012). Keras symbol: keras.optimizers.Adadelta. */
export const adadelta = defineOptimizer({
  type: 'adadelta',
  summary: 'Gradients scaled by the root mean square of past updates over that of past gradients',
  options: () => ({
    learning_rate: learningRate(0.001),
    rho: z.number().min(0).lt(1).default(0.95).describe('Decay of the averages of the squares'),
    epsilon: z
      .number()
      .positive()
      .default(1e-7)
      .describe('Keeps the division finite, and makes the first update larger than 0'),
    ...optimizerOptions(),
  }),
  interleaved: 2,
  slots: () => [
    { name: 'accumulated_grad', initial: 0, averages: 'squares' },
    { name: 'accumulated_delta_var', initial: 0, averages: 'squares' },
  ],
  update(b, { parameter, gradient, slots, learningRate: rate }, { rho, epsilon }) {
    const average = (kept: Operand, x: Value): Value => b.add(b.mul(kept, rho), b.mul(b.square(x), 1 - rho))
    const root = (x: Operand): Value => b.sqrt(b.add(x, epsilon))
    const moves = slots['accumulated_delta_var'] ?? 0
    const gradients = average(slots['accumulated_grad'] ?? 0, gradient)
    const move = b.div(b.mul(gradient, root(moves)), root(gradients))
    return {
      parameter: b.sub(parameter, b.mul(move, rate)),
      slots: { accumulated_grad: gradients, accumulated_delta_var: average(moves, move) },
    }
  },
})
