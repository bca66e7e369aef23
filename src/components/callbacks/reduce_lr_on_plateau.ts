import * as z from 'zod'

import { defineCallback } from './callback.ts'

/** Keras symbol: keras.callbacks.ReduceLROnPlateau. */
export const reduceLrOnPlateau = defineCallback({
  type: 'reduce_lr_on_plateau',
  summary: 'Lowers the learning rate when a figure has stopped getting better',
  options: () => ({
    monitor: z.string().default('val_loss').describe('The logged figure to follow'),
    factor: z.number().positive().lt(1).default(0.1).describe('Factor of the learning rate'),
    patience: z
      .int()
      .min(0)
      .default(10)
      .describe('Epochs without improvement after which the rate is lowered'),
    mode: z
      .enum(['auto', 'min', 'max'])
      .default('auto')
      .describe('Whether less or more is better; auto knows by the figure'),
    min_delta: z.number().min(0).default(0.0001).describe('Smallest change that counts as better'),
    cooldown: z.int().min(0).default(0).describe('Epochs to wait after a reduction before following again'),
    min_lr: z.number().min(0).default(0).describe('Lowest learning rate'),
  }),
  monitor: ({ monitor }) => monitor,
})
