import type { Diagnostic } from '../../diagnostic.ts'
import type { Repeated } from '../../sweep/repetition.ts'
import type { Spread } from '../../sweep/spread.ts'
import type { TrialResult } from '../../sweep/trial.ts'
import type { TrialEvent } from '../../sweep/trials.ts'
import { diagnosticJson } from './diagnostics.ts'
import { metricsText, runName, shortNumber } from './format.ts'
import { numbers, table } from './table.ts'
import type { TableColumn } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** The line that tells that a trial begins, or how it ended. */
export function renderTrial({ kind, trial, metrics = {} }: TrialEvent): TerminalText {
  return lines([kind === 'begin' ? trial.title : `${trial.title} is complete: ${metricsText(metrics)}`])
}

/** `resume`: the command, without the folder. */
export function renderInterrupted(resume: string, folder: string, cwd: string): TerminalText {
  return lines([`interrupted; resume with: ${resume} ${runName(folder, cwd)}`])
}

/** The document of `cv --json`, and of `train --seeds --json`. */
export function repeatedJson(
  { run, results, meaning, metrics, test }: Repeated,
  warnings: readonly Diagnostic[],
  cwd: string,
) {
  const [first] = results
  return {
    run: runName(run, cwd),
    ...(first && { [`${first.trial.kind}s`]: results.length }),
    runs: results.map(({ trial, ...result }) => ({
      [trial.kind]: trial.number,
      run: runName(result.run, cwd),
      weights_sha256: result.weightsSha256,
      metrics: result.metrics,
      ...(result.test && { test: result.test }),
    })),
    ...meaning,
    metrics,
    ...(test && { test }),
    warnings: warnings.map(diagnosticJson),
  }
}

/** A row for each metric: its mean and deviation, then its value in every fold. */
export function renderCrossValidation(repeated: Repeated, cwd: string, width: number): TerminalText {
  const { name, results } = repeated
  const folds = results.map(({ trial }) => `Fold ${trial.number}`)
  return lines([
    `Cross-validation of ${name} over ${results.length} folds`,
    ...spreadTable(repeated, numbers(...folds), (values) => values, width),
    ...results.map(({ trial, run }) => `fold ${trial.number} is ${runName(run, cwd)}`),
  ])
}

/** A row for each metric: its mean and deviation, then its lowest and highest value over the seeds. */
export function renderSeeds(repeated: Repeated, cwd: string, width: number): TerminalText {
  const { name, run, results } = repeated
  const range = (values: readonly number[]): number[] => [Math.min(...values), Math.max(...values)]
  const folder = runName(run, cwd)
  return lines([
    `${name} with ${results.length} seeds, ${results[0]?.trial.number} to ${results.at(-1)?.trial.number}`,
    ...spreadTable(repeated, numbers('Lowest', 'Highest'), range, width),
    `saved in ${folder}; \`nnlab runs ${folder}\` lists the runs`,
  ])
}

/** A row for each metric: its mean and deviation, then what its values in all trials come to. */
function spreadTable(
  { results, metrics, test = {} }: Repeated,
  columns: readonly TableColumn[],
  shown: (values: readonly number[]) => readonly number[],
  width: number,
): string[] {
  const row = (
    title: string,
    { mean, deviation }: Spread,
    valueIn: (result: TrialResult) => number | undefined,
  ): string[] => {
    const values = results.map((result) => valueIn(result) ?? NaN)
    return [title, ...[mean, deviation, ...shown(values)].map(shortNumber)]
  }
  const rows = [
    ...Object.entries(metrics).map(([key, spread]) => row(key, spread, (one) => one.metrics[key])),
    ...Object.entries(test).map(([key, spread]) => row(`test ${key}`, spread, (one) => one.test?.[key])),
  ]
  return table([{ title: 'Metric' }, ...numbers('Mean', 'Deviation'), ...columns], rows, width)
}
