import * as z from 'zod'

import type { Rule } from '../../rule.ts'
import { schedules } from '../schedules/index.ts'

/** The options that every optimizer has. Keras symbol: keras.optimizers.Optimizer. */
export function optimizerOptions() {
  return {
    weight_decay: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .describe('Share of each weight taken away at each update, times the learning rate'),
    clipnorm: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('Largest norm of the gradient of one parameter'),
    clipvalue: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('Largest absolute value of a gradient element'),
    global_clipnorm: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('Largest norm of all gradients together'),
    use_ema: z
      .boolean()
      .default(false)
      .describe('Keep a moving average of the weights, which is what training ends with'),
    ema_momentum: z.number().min(0).max(1).default(0.99).describe('Share of the average kept at each update'),
    ema_overwrite_frequency: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Updates after which the weights are set to the average'),
  }
}

/** A number or a schedule. */
export function learningRate(initial: number) {
  return z
    .union([z.number().positive(), schedules.ref()])
    .default(initial)
    .describe('Size of the update: a number, or a schedule over updates or epochs')
}

const clipping = ['clipnorm', 'global_clipnorm', 'clipvalue']

/** The rules that every optimizer keeps. */
export const optimizerRules: readonly Rule[] = [
  {
    needs: clipping,
    check(config, report) {
      const [kept, other] = clipping.filter((option) => typeof config[option] === 'number')
      if (other === undefined) return
      const message = `the gradients are already clipped by ${kept}`
      report([other], message, { code: 'options', hint: 'keep one of them' })
    },
  },
]
