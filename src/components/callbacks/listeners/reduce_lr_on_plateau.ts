import * as z from 'zod'

import { reduceLrOnPlateau } from '../reduce_lr_on_plateau.ts'
import type { ComponentConfig } from '../../../registry.ts'
import type { MetricValues } from '../../../train/metric-values.ts'
import type { Listener } from '../../../train/loop.ts'
import { isBetter } from './improvement.ts'

/** Keras symbol: keras.callbacks.ReduceLROnPlateau. `initialRate` is the optimizer's own learning rate. */
export function createReduceLrOnPlateau(config: ComponentConfig, initialRate: number): Listener {
  const { monitor, mode, min_delta, patience, factor, cooldown, min_lr } = z
    .object(reduceLrOnPlateau.options())
    .parse(config)
  const better = isBetter(monitor, mode, min_delta)
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
    onEpochEnd(_epoch: number, metricValues: MetricValues, control) {
      const now = metricValues[monitor]
      if (now === undefined) return
      if (cooling > 0) {
        cooling -= 1
        waited = 0
      }
      if (better(now, best)) {
        best = now
        waited = 0
      } else if (cooling === 0) {
        waited += 1
        const rate = initialRate * control.factor()
        // In float32, as the optimizer has it: min_lr reached by a factor is not above itself.
        if (waited >= patience && Math.fround(rate) > Math.fround(min_lr)) {
          control.setFactor(Math.max(rate * factor, min_lr) / initialRate)
          cooling = cooldown
          waited = 0
        }
      }
    },
  }
}
