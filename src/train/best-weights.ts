import type { CheckpointSpec } from '../spec/schema/fit.ts'
import type { Listener } from './loop.ts'
import type { Kept } from './snapshot.ts'
import { isBetter } from '../components/callbacks/listeners/improvement.ts'

/** Keeps the weights of the best epoch, and ends with them. Keras symbol: ModelCheckpoint(save_best_only=True). */
export function createBestWeights({ monitor, mode }: CheckpointSpec): Listener {
  const better = isBetter(monitor, mode)
  let best: number | undefined
  let kept: Kept | undefined
  return {
    name: 'best_weights',
    memory: {
      save: () => ({ values: { best: best ?? null }, kept }),
      restore(memory) {
        best = memory.values['best'] ?? undefined
        kept = memory.kept
      },
    },
    async onEpochEnd(epoch, figures, control) {
      const now = figures[monitor]
      if (now === undefined || !better(now, best)) return
      best = now
      kept = { weights: await control.weights(), epoch, figures }
    },
    onTrainEnd(control) {
      if (kept !== undefined) control.restore(kept)
    },
  }
}
