import * as z from 'zod'

import { earlyStopping } from '../early_stopping.ts'
import type { ComponentConfig } from '../../../registry.ts'
import type { MetricValues } from '../../../train/metric-values.ts'
import type { Control, Listener } from '../../../train/loop.ts'
import type { KeptEpoch } from '../../../train/training-state.ts'
import { isBetter } from './improvement.ts'

/** Keras symbol: keras.callbacks.EarlyStopping. */
export function createEarlyStopping(config: ComponentConfig): Listener {
  const { monitor, mode, min_delta, patience, baseline, restore_best_weights, start_from_epoch } = z
    .object(earlyStopping.options())
    .parse(config)
  const better = isBetter(monitor, mode, min_delta)
  let best: number | undefined
  let waited = 0
  /** Whether the last epoch was one to end with, had the patience been over. */
  let waiting = false
  let kept: KeptEpoch | undefined
  const stopIfOver = (control: Control): void => {
    if (!waiting || waited < patience) return
    const epochs = `${waited} ${waited === 1 ? 'epoch' : 'epochs'}`
    control.stop(`early_stopping: ${monitor} has not got better for ${epochs}`)
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
    async onEpochEnd(epoch: number, metricValues: MetricValues, control) {
      const now = metricValues[monitor]
      if (epoch < start_from_epoch || now === undefined) return
      if (restore_best_weights && kept === undefined)
        kept = { weights: await control.weights(), epoch, metricValues }
      waited += 1
      waiting = false
      if (better(now, best)) {
        best = now
        if (restore_best_weights) kept = { weights: await control.weights(), epoch, metricValues }
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
}
