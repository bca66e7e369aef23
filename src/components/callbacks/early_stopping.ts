import * as z from 'zod'

import { defineCallback } from './callback.ts'

/** Keras symbol: keras.callbacks.EarlyStopping. */
export const earlyStopping = defineCallback({
  type: 'early_stopping',
  summary: 'Ends training when a figure has stopped getting better',
  options: () => ({
    monitor: z.string().default('val_loss').describe('The logged figure to follow'),
    min_delta: z.number().min(0).default(0).describe('Smallest change that counts as better'),
    patience: z.int().min(0).default(0).describe('Epochs without improvement after which training ends'),
    mode: z
      .enum(['auto', 'min', 'max'])
      .default('auto')
      .describe('Whether less or more is better; auto knows by the figure'),
    baseline: z.number().nullable().default(null).describe('Value that the figure must beat'),
    restore_best_weights: z
      .boolean()
      .default(false)
      .describe('End with the weights of the best epoch, not of the last'),
    start_from_epoch: z.int().min(0).default(0).describe('Epochs to wait before following the figure'),
  }),
  monitor: ({ monitor }) => monitor,
})
