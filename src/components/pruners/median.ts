import * as z from 'zod'

import { definePruner } from './pruner.ts'

/** Golovin et al., "Google Vizier: a service for black-box optimization" (2017). */
export const median = definePruner({
  type: 'median',
  summary:
    'Ends a trial whose best result so far is worse than the median of earlier trials after the same epoch',
  options: () => ({
    min_trials: z
      .int()
      .min(1)
      .default(5)
      .describe('Trials that must have reached an epoch before others end there'),
    min_epochs: z.int().min(1).default(1).describe('Epochs that every trial is trained for'),
  }),
  limit({ min_trials, min_epochs }, epoch, earlier) {
    const losses = earlier.flatMap((curve) => curve.get(epoch) ?? []).toSorted((a, b) => a - b)
    if (epoch < min_epochs || losses.length < min_trials) return undefined
    const middle = losses.length / 2
    return ((losses[Math.ceil(middle) - 1] ?? NaN) + (losses[Math.floor(middle)] ?? NaN)) / 2
  },
})
