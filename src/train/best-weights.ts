import { isBetter } from '../components/callbacks/improvement.ts'
import type { Directions } from '../components/callbacks/improvement.ts'
import type { KeptEpoch, Listener } from '../components/callbacks/listener.ts'
import type { CheckpointSpec } from '../spec/schema/fit.ts'

/** Keeps the weights of the best epoch, and ends with them. Keras symbol: ModelCheckpoint(save_best_only=True). */
export function createBestWeights(spec: CheckpointSpec, directions: Directions): Listener {
  const { monitor } = spec
  const better = isBetter(spec, directions)
  let best: number | undefined
  let kept: KeptEpoch | undefined
  return {
    name: 'best_weights',
    state: {
      save: () => ({ values: { best: best ?? null }, kept }),
      restore(state) {
        best = state.values['best'] ?? undefined
        kept = state.kept
      },
    },
    async onEpochEnd(epoch, metricValues, control) {
      const now = metricValues[monitor]
      if (now === undefined || !better(now, best)) return
      best = now
      kept = { weights: await control.weights(), epoch, metricValues }
    },
    onTrainEnd(control) {
      if (kept !== undefined) control.restore(kept)
    },
  }
}
