import * as z from 'zod'

import { earlyStopping } from '../components/callbacks/early_stopping.ts'
import type { ComponentConfig } from '../registry.ts'
import type { Figures } from '../train/figures.ts'
import type { Listener } from '../train/loop.ts'
import type { Weights } from '../model/weights.ts'
import { isBetter } from './improvement.ts'

/** Keras symbol: keras.callbacks.EarlyStopping. */
export function createEarlyStopping(config: ComponentConfig): Listener {
  const { monitor, mode, min_delta, patience, baseline, restore_best_weights, start_from_epoch } = z
    .object(earlyStopping.options())
    .parse(config)
  const better = isBetter(monitor, mode, min_delta)
  let best: number | undefined
  let waited = 0
  let kept: { weights: Weights; epoch: number } | undefined

  return {
    async onEpochEnd(epoch: number, figures: Figures, control) {
      const now = figures[monitor]
      if (epoch < start_from_epoch || now === undefined) return
      if (restore_best_weights && kept === undefined) kept = { weights: await control.weights(), epoch }
      waited += 1
      if (better(now, best)) {
        best = now
        if (restore_best_weights) kept = { weights: await control.weights(), epoch }
        if (baseline === null || better(now, baseline)) waited = 0
        return
      }
      if (waited >= patience && epoch > 0) {
        control.stop(
          `early_stopping: ${monitor} has not got better for ${waited} ${waited === 1 ? 'epoch' : 'epochs'}`,
        )
      }
    },
    onTrainEnd(control) {
      if (kept !== undefined) control.restore(kept.weights, kept.epoch)
    },
  }
}
