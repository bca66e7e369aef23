import * as z from 'zod'

import { defineCallback } from './callback.ts'

/** Gradual unfreezing, as of Howard and Ruder (2018), arXiv:1801.06146. In Keras one sets `trainable` and compiles again. */
export const unfreeze = defineCallback({
  type: 'unfreeze',
  summary: 'Trains frozen layers from a given epoch on',
  options: () => ({
    at: z
      .string()
      .regex(/^[1-9]\d* ?epochs?$/, 'expected a number of epochs such as "5 epochs"')
      .describe('The epochs after which the layers are trained, as in "5 epochs"'),
    layers: z
      .array(z.string().min(1))
      .min(1)
      .describe('Names of frozen layers, or patterns such as block2_*'),
    learning_rate: z
      .number()
      .positive()
      .optional()
      .describe('The learning rate of all layers from then on; default: as it was'),
  }),
  setsLearningRate: ({ learning_rate }) => learning_rate !== undefined,
  unfreezes: ({ layers }) => layers,
  listener({ at, layers, learning_rate }, { initialRate }) {
    const epochs = Number.parseInt(at)
    /** The updates that were done by then. */
    let since: number | undefined
    return {
      state: {
        save: () => ({ values: { since: since ?? null } }),
        restore: ({ values }) => void (since = values['since'] ?? undefined),
      },
      async onTrainBegin({ stepsPerEpoch, stepsDone }, control) {
        if (since !== undefined || stepsDone >= epochs * stepsPerEpoch)
          since = await control.unfreeze(layers, since)
      },
      async onEpochEnd(epoch, _metricValues, control) {
        if (epoch + 1 !== epochs) return
        since = await control.unfreeze(layers)
        if (learning_rate !== undefined) control.setFactor(learning_rate / initialRate)
      },
    }
  },
})
