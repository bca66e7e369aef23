import * as z from 'zod'

import { callbacks } from '../components/callbacks/index.ts'

/** The section `fit:`. */
export function fitSection() {
  return z
    .strictObject({
      batch_size: z.int().positive().default(32).describe('Rows of one step'),
      epochs: z.int().positive().default(1).describe('Passes over the training rows'),
      shuffle: z.boolean().default(true).describe('Draw a new order of the training rows each epoch'),
      class_weight: z
        .record(z.string(), z.number().min(0))
        .optional()
        .describe('Factor of the loss of each class, by label; classes not named weigh 1'),
      callbacks: z.array(callbacks.ref()).default([]).describe('What watches training and acts on it'),
      engine: z
        .enum(['auto', 'tfjs'])
        .default('auto')
        .describe('What executes the model: auto chooses the fastest that can'),
    })
    .describe('How long and in what steps to train')
}
export type FitSpec = z.output<ReturnType<typeof fitSection>>

/** The section `checkpoint:`. */
export function checkpointSection() {
  return z
    .strictObject({
      save: z.enum(['last', 'best']).default('last').describe('Which weights the saved model holds'),
      monitor: z
        .string()
        .default('val_loss')
        .describe('For `save: best`: the figure that says which epoch was best'),
      mode: z
        .enum(['auto', 'min', 'max'])
        .default('auto')
        .describe('For `save: best`: whether less or more is better'),
    })
    .describe('What a run keeps')
}
export type CheckpointSpec = z.output<ReturnType<typeof checkpointSection>>
