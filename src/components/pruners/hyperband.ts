import { definePruner } from './pruner.ts'
import { etaOption, minEpochsOption, rungsFrom } from './rungs.ts'

/** Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization" (2018). */
export const hyperband = definePruner({
  type: 'hyperband',
  summary: 'Successive halving in several brackets, which begin at different rungs',
  options: () => ({ min_epochs: minEpochsOption(), eta: etaOption() }),
  ladder({ min_epochs, eta }, trial, epochs) {
    const rungs = rungsFrom(min_epochs, eta, epochs)
    const bracket = bracketOf(trial, rungs.length + 1, eta)
    return { bracket, rungs: rungs.slice(bracket) }
  },
  promoted: ({ eta }) => 1 / eta,
})

/** Bracket of a trial: those of the first begin at the lowest rung, and there are most of them. */
function bracketOf(trial: number, brackets: number, eta: number): number {
  const sizes = Array.from({ length: brackets }, (_, bracket) => {
    const halvings = brackets - 1 - bracket
    return Math.ceil((brackets * eta ** halvings) / (halvings + 1))
  })
  let left = trial % sizes.reduce((sum, size) => sum + size, 0)
  return sizes.findIndex((size) => (left -= size) < 0)
}
