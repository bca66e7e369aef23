import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Operand, Value } from '../../ir/ir.ts'
import { defineOptimizer } from './optimizer.ts'
import { learningRate, optimizerOptions } from './options.ts'

/** Dozat (2016), with its momentum schedule. Keras symbol: keras.optimizers.Nadam. */
export const nadam = defineOptimizer({
  type: 'nadam',
  summary: 'adam that looks ahead along the momentum (Nesterov)',
  options: () => ({
    learning_rate: learningRate(0.001),
    beta_1: z.number().min(0).lt(1).default(0.9).describe('Decay of the average of the gradients'),
    beta_2: z.number().min(0).lt(1).default(0.999).describe('Decay of the average of their squares'),
    epsilon: z.number().positive().default(1e-7).describe('Keeps the division finite'),
    ...optimizerOptions(),
  }),
  interleaved: 2,
  slots: () => [
    { name: 'momentum', initial: 0, averages: 'gradients' },
    { name: 'velocity', initial: 0, averages: 'squares' },
  ],
  state: [{ name: 'u_product', initial: 1 }],
  advance: (b, { state, step }, { beta_1 }) => ({
    u_product: b.mul(state['u_product'] ?? 1, momentumAt(b, step, beta_1)),
  }),
  update(b, { parameter, gradient, slots, state, learningRate: rate, step }, { beta_1, beta_2, epsilon }) {
    const now = momentumAt(b, step, beta_1)
    const next = momentumAt(b, b.add(step, 1), beta_1)
    const product = b.mul(state['u_product'] ?? 1, now)
    const momentum = average(b, slots['momentum'] ?? 0, gradient, beta_1)
    const velocity = average(b, slots['velocity'] ?? 0, b.square(gradient), beta_2)
    const ahead = b.mul(momentum, b.div(next, b.sub(1, b.mul(product, next))))
    const here = b.mul(gradient, b.div(b.sub(1, now), b.sub(1, product)))
    const scale = b.add(b.sqrt(b.div(velocity, b.sub(1, b.pow(beta_2, step)))), epsilon)
    return {
      parameter: b.sub(parameter, b.div(b.mul(b.add(ahead, here), rate), scale)),
      slots: { momentum, velocity },
    }
  },
})

/**
 * A moving average. The weight of the new number is what the rounded beta leaves of 1, as in Keras: the corrections below
 * divide by just that after the first update.
 */
function average(b: Builder, kept: Operand, x: Value, beta: number): Value {
  return b.add(b.mul(kept, beta), b.mul(x, b.sub(1, beta)))
}

/** The momentum of an update, which grows from about beta_1 / 2 to beta_1. */
function momentumAt(b: Builder, step: Value, beta: number): Value {
  return b.mul(b.sub(1, b.mul(b.pow(0.96, step), 0.5)), beta)
}
