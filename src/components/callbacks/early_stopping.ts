import * as z from 'zod'

import { defineCallback } from './callback.ts'
import { isBetter } from './improvement.ts'
import type { Control, KeptEpoch } from './listener.ts'

/** Keras symbol: keras.callbacks.EarlyStopping. */
export const earlyStopping = defineCallback({
  type: 'early_stopping',
  summary: 'Ends training when a metric has stopped improving',
  options: () => ({
    monitor: z.string().default('val_loss').describe('The logged metric to follow'),
    min_delta: z.number().min(0).default(0).describe('Smallest change that counts as better'),
    patience: z.int().min(0).default(0).describe('Epochs without improvement after which training ends'),
    mode: z
      .enum(['auto', 'min', 'max'])
      .default('auto')
      .describe('Whether lower or higher is better; auto decides by the metric'),
    baseline: z.number().nullable().default(null).describe('Value that the metric must beat'),
    restore_best_weights: z
      .boolean()
      .default(false)
      .describe('End with the weights of the best epoch, not of the last'),
    start_from_epoch: z.int().min(0).default(0).describe('Epochs to wait before following the metric'),
  }),
  endsBy: 'patience',
  monitor: ({ monitor }) => monitor,
  listener(config, { directions }) {
    const { monitor, patience, baseline, restore_best_weights, start_from_epoch } = config
    const better = isBetter(config, directions)
    let best: number | undefined
    let waited = 0
    /** True where training would end with the last epoch, had the patience been over. */
    let waiting = false
    let kept: KeptEpoch | undefined
    const stopIfOver = (control: Control): void => {
      if (!waiting || waited < patience) return
      const epochs = `${waited} ${waited === 1 ? 'epoch' : 'epochs'}`
      control.stop(`early_stopping: ${monitor} has not improved for ${epochs}`)
    }
    return {
      state: {
        save: () => ({ values: { best: best ?? null, waited, waiting: Number(waiting) }, kept }),
        restore({ values, kept: saved }) {
          best = values['best'] ?? undefined
          waited = values['waited'] ?? 0
          waiting = values['waiting'] === 1
          kept = saved
        },
      },
      onTrainBegin: (_plan, control) => stopIfOver(control),
      async onEpochEnd(epoch, metricValues, control) {
        const now = metricValues[monitor]
        if (epoch < start_from_epoch || now === undefined) return
        const improved = better(now, best)
        if (restore_best_weights && (improved || kept === undefined)) {
          kept = { weights: await control.weights(), epoch, metricValues }
        }
        waited += 1
        waiting = false
        if (improved) {
          best = now
          if (baseline === null || better(now, baseline)) waited = 0
          return
        }
        waiting = epoch > 0
        stopIfOver(control)
      },
      onTrainEnd(control) {
        if (kept !== undefined) control.restore(kept)
      },
    }
  },
})
