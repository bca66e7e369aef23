import type { FoldsEvent } from '../../sweep/cross-validation.ts'
import type { CrossValidation, FoldResult, Spread } from '../../sweep/folds.ts'
import { metricsText, runName, shortNumber } from './format.ts'
import { numbers, table } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** The line that tells that a fold begins, or how it ended. */
export function renderFold({ kind, fold, folds, metrics = {} }: FoldEvent): TerminalText {
  if (kind === 'begin') return lines([`fold ${fold} of ${folds}`])
  return lines([`fold ${fold} of ${folds} is complete: ${metricsText(metrics)}`])
}

type FoldEvent = Extract<FoldsEvent, { fold: number }>

export function renderInterrupted(folder: string, cwd: string): TerminalText {
  return lines([`interrupted; resume with: nnlab cv --resume ${runName(folder, cwd)}`])
}

/** The document of `cv --json`. */
export function crossValidationJson({ name: _, run, folds, runs, ...spreads }: CrossValidation, cwd: string) {
  return {
    run: runName(run, cwd),
    folds,
    runs: runs.map((fold) => ({ ...fold, run: runName(fold.run, cwd) })),
    ...spreads,
  }
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
