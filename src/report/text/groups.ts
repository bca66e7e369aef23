import type { GroupOverview } from '../../sweep/group-overview.ts'
import { counted, minuteOf, shortNumber } from './format.ts'
import { runName } from '../../run/run-name.ts'
import type { TableContent } from './table.ts'

/** `30 trials`, or `3 of 5 trials` where not all are done. */
export function trialsDone({ trials: { done, all } }: GroupOverview): string {
  return all === undefined || all === done ? counted(done, 'trial') : `${done} of ${counted(all, 'trial')}`
}

/** The best trial, or how the loss spreads; empty where neither is known. */
export function groupResult({ best, metrics = {} }: GroupOverview): string {
  if (best) return `${best.metric} ${shortNumber(best.value)} (trial ${best.trial})`
  const [metric = 'loss'] = ['val_loss', 'loss'].filter((one) => one in metrics)
  const spread = metrics[metric]
  const [mean, deviation] = [spread?.mean, spread?.deviation].map((value) => shortNumber(value ?? NaN))
  return spread ? `${metric} ${mean} ± ${deviation}` : ''
}

/** The columns and rows of sweeps, cross-validations and seeds as wholes. */
export function groupTable(groups: readonly GroupOverview[], cwd: string): TableContent {
  const titles = ['sweep, folds or seeds', 'state', 'trials', 'result', 'started']
  return {
    columns: titles.map((title) => ({ title })),
    rows: groups.map((group) => [
      runName(group.folder, cwd),
      group.state,
      trialsDone(group),
      groupResult(group) || '-',
      minuteOf(group.started),
    ]),
  }
}
