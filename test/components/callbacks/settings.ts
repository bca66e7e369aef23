import type { TrainingSettings } from '../../../src/components/callbacks/callback.ts'

const none = new Map<string, Float32Array>()

/** Settings of a training that logs to nowhere and has no layers to look into. */
export const SETTINGS: TrainingSettings = {
  initialRate: 1,
  directions: new Map(),
  config: '',
  past: () => Promise.resolve([]),
  log: () => ({ open: () => undefined, bytes: 0, write: () => undefined }),
  probe: {
    layers: [],
    outputs: async function* () {},
    weights: () => Promise.resolve(none),
    restraints: [],
    gradients: () => Promise.resolve({ loss: NaN, byParameter: none, bySteps: [] }),
    fits: () => Promise.resolve([]),
    images: () => Promise.resolve([]),
    updates: () => Promise.resolve(none),
  },
}
