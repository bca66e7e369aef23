import { definePruner } from './pruner.ts'
import { etaOption, minEpochsOption, rungsFrom } from './rungs.ts'

/** Li et al., "A system for massively parallel hyperparameter tuning" (2020). */
export const asha = definePruner({
  type: 'asha',
  summary: 'Asynchronous successive halving: the best trials on each rung are trained on to the next',
  options: () => ({ min_epochs: minEpochsOption(), eta: etaOption() }),
  ladder: ({ min_epochs, eta }, _trial, epochs) => ({
    bracket: 0,
    rungs: rungsFrom(min_epochs, eta, epochs),
  }),
  promoted: ({ eta }) => 1 / eta,
})
