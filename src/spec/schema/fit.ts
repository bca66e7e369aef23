import * as z from 'zod'

import { callbacks } from '../../components/callbacks/index.ts'
import { cadence, duration } from './duration.ts'

const BlockShuffle = z.strictObject({
  block_size: z.int().positive().default(256).describe('Rows that follow each other and are moved together'),
  buffer_size: z
    .int()
    .positive()
    .default(65536)
    .describe('Rows of blocks moved next to each other, which are then mixed row by row: so many at a time'),
})

/** The section `fit:`. */
export function fitSection() {
  return z
    .strictObject({
      batch_size: z.int().positive().default(32).describe('Rows of one step'),
      epochs: z.int().positive().default(1).describe('Passes over the training rows'),
      shuffle: z
        .union([z.boolean(), BlockShuffle])
        .default(true)
        .describe(
          'Draw a new order of the training rows each epoch: true draws among all orders, {block_size: 256} moves whole blocks of rows and mixes those that are near each other then, which rows on disk are read much faster in',
        ),
      class_weight: z
        .union([z.literal('balanced'), z.record(z.string(), z.number().min(0))])
        .optional()
        .describe(
          'Factor of the loss of each class, by label, where classes not named weigh 1; or balanced: rare classes weigh more, so that all weigh the same',
        ),
      train_time_budget: duration()
        .optional()
        .describe('Ends training after so much time, as in "10 min"; a resumed run has it anew'),
      callbacks: z.array(callbacks.ref()).prefault([]).describe('What watches training and acts on it'),
      engine: z
        .enum(['auto', 'compiled', 'tfjs'])
        .default('auto')
        .describe(
          'What executes the model: compiled WebAssembly, TensorFlow.js, or auto: the fastest that can',
        ),
      threads: z
        .union([z.literal('auto'), z.int().positive()])
        .default('auto')
        .describe('Threads of the compiled engine, which change no bit of the result; auto: as many as help'),
      arithmetic: z
        .enum(['auto', 'fma', 'mul_add'])
        .default('auto')
        .describe(
          'How the compiled engine multiplies and adds: fma rounds once, mul_add twice; auto: fma where the machine has it',
        ),
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
        .describe('For `save: best` and `best`: the figure that says which epoch was best'),
      mode: z
        .enum(['auto', 'min', 'max'])
        .default('auto')
        .describe('For `save: best` and `best`: whether less or more is better'),
      every: cadence()
        .default('10 s')
        .describe('How often a checkpoint is written: "1 epoch", "500 steps" or "30 s"'),
      keep: z.int().positive().default(3).describe('How many of the last checkpoints are kept'),
      best: z
        .int()
        .min(0)
        .default(0)
        .describe('How many checkpoints of the best epochs are kept besides, by `monitor`'),
    })
    .describe('What a run keeps')
}
export type CheckpointSpec = z.output<ReturnType<typeof checkpointSection>>
