import type { CrossValidation, FoldResult, Spread } from '../../sweep/folds.ts'
import { shortNumber } from './format.ts'
import { numbers, table } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'
import { runName } from './training.ts'

/** The document of `cv --json`. */
export function crossValidationJson({ name: _, folds, runs, ...spreads }: CrossValidation, cwd: string) {
  return { folds, runs: runs.map((fold) => ({ ...fold, run: runName(fold.run, cwd) })), ...spreads }
}

/** A row for each metric: its mean and deviation, then its value in every fold. */
export function renderCrossValidation(
  { name, runs, metrics, test = {} }: CrossValidation,
  cwd: string,
  width: number,
): TerminalText {
  const row = (title: string, spread: Spread, at: (run: FoldResult) => number | undefined): string[] => [
    title,
    ...[spread.mean, spread.deviation, ...runs.map((run) => at(run) ?? NaN)].map(shortNumber),
  ]
  const rows = [
    ...Object.entries(metrics).map(([key, spread]) => row(key, spread, (run) => run.metrics[key])),
    ...Object.entries(test).map(([key, spread]) => row(`test ${key}`, spread, (run) => run.test?.[key])),
  ]
  const folds = runs.map(({ fold }) => `Fold ${fold}`)
  return lines([
    `Cross-validation of ${name} over ${runs.length} folds`,
    ...table([{ title: 'Metric' }, ...numbers('Mean', 'Deviation', ...folds)], rows, width),
    ...runs.map(({ fold, run }) => `fold ${fold} is ${runName(run, cwd)}`),
  ])
}
