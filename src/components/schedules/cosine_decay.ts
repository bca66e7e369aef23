import * as z from 'zod'

import type { Value } from '../../ir/ir.ts'
import { alphaOption, cosineShare } from './cosine.ts'
import { defineSchedule } from './schedule.ts'
import { updates } from './updates.ts'

/** Loshchilov and Hutter (2017). Keras symbol: keras.optimizers.schedules.CosineDecay. */
export const cosineDecay = defineSchedule({
  type: 'cosine_decay',
  aliases: ['cosine'],
  summary: 'Half a cosine wave down from the initial rate, after an optional linear warm-up',
  options: () => ({
    initial_learning_rate: z.number().min(0).describe('Learning rate of the first update'),
    decay_steps: updates().describe('Updates over which the rate falls'),
    alpha: alphaOption(),
    warmup_target: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('Rate that a warm-up rises to and the decay starts from; default: no warm-up'),
    warmup_steps: updates(0).default(0).describe('Updates of the warm-up'),
  }),
  rules: [
    {
      needs: ['warmup_target', 'warmup_steps'],
      check({ warmup_target, warmup_steps }, report) {
        if (warmup_target !== null || warmup_steps === 0) return
        const message = 'the warm-up has no rate to rise to'
        report(['warmup_steps'], message, { code: 'options', hint: 'set warmup_target' })
      },
    },
  ],
  learningRate(b, step, { initial_learning_rate, decay_steps, alpha, warmup_target, warmup_steps }) {
    const decay = (after: Value, from: number): Value =>
      b.mul(cosineShare(b, b.div(b.min(after, decay_steps), decay_steps), alpha), from)
    if (warmup_target === null) return decay(step, initial_learning_rate)
    const decayed = decay(b.max(b.sub(step, warmup_steps), 0), warmup_target)
    if (warmup_steps === 0) return decayed
    const rise = b.mul(b.div(step, warmup_steps), warmup_target - initial_learning_rate)
    return b.select(b.less(step, warmup_steps), b.add(rise, initial_learning_rate), decayed)
  },
})
