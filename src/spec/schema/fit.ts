import * as z from 'zod'

import { callbacks } from '../../components/callbacks/index.ts'
import { once } from '../../once.ts'
import { cadence, duration } from './duration.ts'

/** Each thread has a stack and a heap of its own. */
const MOST_THREADS = 256

const BlockShuffle = z.strictObject({
  block_size: z.int().positive().default(256).describe('Rows that follow each other and are moved together'),
  buffer_size: z
    .int()
    .positive()
    .default(65536)
    .describe(
      'Number of rows that are mixed row by row at a time, those of blocks that now follow each other',
    ),
})

const ClassWeights = z.union([z.literal('balanced'), z.record(z.string(), z.number().min(0))])
export type ClassWeights = z.output<typeof ClassWeights>

/** More than any job of MPI has ranks. */
const MOST_PARTS = 65_536

/** The section `fit:`. */
export const fitSection = once(() =>
  z
    .strictObject({
      batch_size: z.int().positive().default(32).describe('Rows per step'),
      parts: z
        .int()
        .positive()
        .max(MOST_PARTS)
        .default(1)
        .describe(
          'Parts of a batch whose gradients, metrics and batch statistics are computed alone and then added: any number of MPI ranks up to it gives the same bits',
        ),
      epochs: z.int().positive().default(1).describe('Passes over the training rows'),
      steps_per_epoch: z
        .int()
        .positive()
        .optional()
        .describe(
          'Steps of an epoch, which begins where the one before ended. Default: those of one pass over the training rows',
        ),
      shuffle: z
        .union([z.boolean(), BlockShuffle])
        .default(true)
        .describe(
          'Shuffle the training rows in each epoch: true shuffles all rows; {block_size: 256} shuffles whole blocks and then mixes neighboring ones, which is much faster for rows on disk',
        ),
      class_weight: z
        .union([...ClassWeights.options, z.record(z.string(), ClassWeights)])
        .optional()
        .describe(
          'Factor of the loss of each class, by label (1 for classes that are not named); or balanced: rare classes weigh more, so that every class has the same total weight; of targets with steps, each step is weighted. For several outputs: a map from output to its weights',
        ),
      train_time_budget: duration()
        .optional()
        .describe('Time after which training ends, as in "10 min"; it starts again when a run is resumed'),
      callbacks: z
        .array(callbacks.ref())
        .prefault([])
        .describe('Listeners that watch training and act on it'),
      engine: z
        .enum(['auto', 'compiled', 'tfjs'])
        .default('auto')
        .describe(
          'Engine that executes the model: compiled (WebAssembly), tfjs (TensorFlow.js, slower), or auto: compiled',
        ),
      threads: z
        .union([z.literal('auto'), z.int().positive().max(MOST_THREADS)])
        .default('auto')
        .describe(
          'Threads of the compiled engine; they do not change the result. auto: as many as make it faster',
        ),
      arithmetic: z
        .enum(['auto', 'fma', 'mul_add'])
        .default('auto')
        .describe(
          'Multiplication and addition of the compiled engine: fma rounds once, mul_add twice; auto: fma if the machine supports it',
        ),
    })
    .describe('Length of training, its batches and its engine'),
)
export type FitSpec = z.output<ReturnType<typeof fitSection>>

/** The section `checkpoint:`. */
export const checkpointSection = once(() =>
  z
    .strictObject({
      save: z.enum(['last', 'best']).default('last').describe('Weights that the saved model holds'),
      monitor: z
        .string()
        .default('val_loss')
        .describe('For `save: best` and `best`: the metric that decides which epoch is best'),
      mode: z
        .enum(['auto', 'min', 'max'])
        .default('auto')
        .describe('For `save: best` and `best`: whether a lower or a higher value is better'),
      every: cadence()
        .default('auto')
        .describe(
          'Interval between checkpoints: "1 epoch", "500 steps" or "30 s"; auto: 10 s, or longer where writing them would take more than 2 % of the time',
        ),
      keep: z.int().positive().default(3).describe('Number of latest checkpoints to keep'),
      best: z
        .int()
        .min(0)
        .default(0)
        .describe('Number of checkpoints of the best epochs, by `monitor`, to keep in addition'),
    })
    .describe('Checkpoints and the saved model'),
)
export type CheckpointSpec = z.output<ReturnType<typeof checkpointSection>>
