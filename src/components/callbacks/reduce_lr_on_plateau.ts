import * as z from 'zod'

import { defineCallback } from './callback.ts'
import { isBetter } from './improvement.ts'

/** Keras symbol: keras.callbacks.ReduceLROnPlateau. */
export const reduceLrOnPlateau = defineCallback({
  type: 'reduce_lr_on_plateau',
  summary: 'Lowers the learning rate when a metric has stopped improving',
  options: () => ({
    monitor: z.string().default('val_loss').describe('The logged metric to follow'),
    factor: z.number().positive().lt(1).default(0.1).describe('Factor of the learning rate'),
    patience: z
      .int()
      .min(0)
      .default(10)
      .describe('Epochs without improvement after which the rate is lowered'),
    mode: z
      .enum(['auto', 'min', 'max'])
      .default('auto')
      .describe('Whether lower or higher is better; auto decides by the metric'),
    min_delta: z.number().min(0).default(0.0001).describe('Smallest change that counts as better'),
    cooldown: z.int().min(0).default(0).describe('Epochs to wait after a reduction before following again'),
    min_lr: z.number().min(0).default(0).describe('Lowest learning rate'),
  }),
  setsLearningRate: () => true,
  monitor: ({ monitor }) => monitor,
  listener(config, { initialRate, directions }) {
    const { monitor, patience, factor, cooldown, min_lr } = config
    const better = isBetter(config, directions)
    let best: number | undefined
    let waited = 0
    let cooling = 0
    return {
      state: {
        save: () => ({ values: { best: best ?? null, waited, cooling } }),
        restore({ values }) {
          best = values['best'] ?? undefined
          waited = values['waited'] ?? 0
          cooling = values['cooling'] ?? 0
        },
      },
      onEpochEnd(_epoch, metricValues, control) {
        const now = metricValues[monitor]
        if (now === undefined) return
        if (cooling > 0) {
          cooling -= 1
          waited = 0
        }
        if (better(now, best)) {
          best = now
          waited = 0
          return
        }
        if (cooling > 0) return
        waited += 1
        const rate = initialRate * control.factor()
        // In float32, as the optimizer has it: min_lr reached by a factor is not above itself.
        if (waited < patience || Math.fround(rate) <= Math.fround(min_lr)) return
        control.setFactor(Math.max(rate * factor, min_lr) / initialRate)
        cooling = cooldown
        waited = 0
      },
    }
  },
})
