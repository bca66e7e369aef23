import type { CrossValidation, FoldResult } from '../../sweep/folds.ts'
import { shortNumber } from './format.ts'
import { table } from './table.ts'
import { runName } from './training.ts'

/** The document of `cv --json`. */
export function crossValidationJson({ name: _, folds, runs, ...spreads }: CrossValidation, cwd: string) {
  return { folds, runs: runs.map((fold) => ({ ...fold, run: runName(fold.run, cwd) })), ...spreads }
}

/** A row for each fold, then the mean and the deviation of every metric. */
export function renderCrossValidation(
  { name, runs, metrics, test = {} }: CrossValidation,
  cwd: string,
  width: number,
): string {
  const columns = [
    ...Object.entries(metrics).map(([key, spread]) => ({
      title: key,
      spread,
      at: (run: FoldResult) => run.metrics[key],
    })),
    ...Object.entries(test).map(([key, spread]) => ({
      title: `test ${key}`,
      spread,
      at: (run: FoldResult) => run.test?.[key],
    })),
  ]
  const rows = [
    ...runs.map((run) => [
      `${run.fold}`,
      ...columns.map(({ at }) => shortNumber(at(run) ?? NaN)),
      runName(run.run, cwd),
    ]),
    ['mean', ...columns.map(({ spread }) => shortNumber(spread.mean)), ''],
    ['deviation', ...columns.map(({ spread }) => shortNumber(spread.deviation)), ''],
  ]
  return [
    `Cross-validation of ${name} over ${runs.length} folds`,
    table(
      ['Fold', ...columns.map(({ title }) => title), 'Run'],
      rows,
      ['left', ...columns.map((): 'right' => 'right'), 'left'],
      width,
    ),
    '',
  ].join('\n')
}
