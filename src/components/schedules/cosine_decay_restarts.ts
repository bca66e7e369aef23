import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import { alphaOption, cosineShare } from './cosine.ts'
import { defineSchedule } from './schedule.ts'
import { updates } from './updates.ts'

/** Loshchilov and Hutter (2017). Keras symbol: keras.optimizers.schedules.CosineDecayRestarts. */
export const cosineDecayRestarts = defineSchedule({
  type: 'cosine_decay_restarts',
  aliases: ['cosine_restarts'],
  summary: 'Half cosine waves down from the initial rate, one after the other',
  options: () => ({
    initial_learning_rate: z.number().positive().describe('Learning rate of the first update'),
    first_decay_steps: updates().describe('Updates of the first wave'),
    t_mul: z.number().min(1).default(2).describe('How many times longer each wave is than the one before'),
    m_mul: z.number().positive().default(1).describe('Factor of the height of each wave after the first'),
    alpha: alphaOption(),
  }),
  learningRate(b, step, { initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha }) {
    const { wave, share } = placeIn(b, b.div(step, first_decay_steps), t_mul)
    return b.mul(cosineShare(b, share, alpha, b.pow(m_mul, wave)), initial_learning_rate)
  },
})

/** Returns the wave that a time falls into, in lengths of the first wave, and the share of it that has passed. */
function placeIn(b: Builder, time: Value, factor: number): { wave: Value; share: Value } {
  if (factor === 1) {
    const wave = b.floor(time)
    return { wave, share: b.sub(time, wave) }
  }
  const startOf = (wave: Value): Value => b.div(b.sub(b.pow(factor, wave), 1), factor - 1)
  const guess = b.floor(b.div(b.log(b.add(b.mul(time, factor - 1), 1)), Math.log(factor)))
  // A logarithm is too coarse for the updates at which a wave starts.
  const late = b.greaterEqual(time, startOf(b.add(guess, 1)))
  const wave = b.sub(b.add(guess, late), b.less(time, startOf(guess)))
  return { wave, share: b.div(b.sub(time, startOf(wave)), b.pow(factor, wave)) }
}
