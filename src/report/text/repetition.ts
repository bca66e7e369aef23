import type { Diagnostic } from '../../diagnostic.ts'
import type { Repeated } from '../../sweep/repetition.ts'
import type { Spread } from '../../sweep/spread.ts'
import type { TrialEvent } from '../../sweep/trials.ts'
import { diagnosticJson } from './diagnostics.ts'
import { metricsText, shortNumber } from './format.ts'
import { runName } from '../../run/run-name.ts'
import { numbers, terminalTable } from './table.ts'
import type { TableColumn, TableContent } from './table.ts'
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

export function renderCrossValidation(repeated: Repeated, cwd: string, width: number): TerminalText {
  const { name, results } = repeated
  const { columns, rows } = foldTable(repeated)
  return lines([
    `Cross-validation of ${name} over ${results.length} folds`,
    ...terminalTable(width)(columns, rows),
    ...results.map(({ trial, run }) => `fold ${trial.number} is ${runName(run, cwd)}`),
  ])
}

export function renderSeeds(repeated: Repeated, cwd: string, width: number): TerminalText {
  const { name, run, results } = repeated
  const folder = runName(run, cwd)
  const { columns, rows } = rangeTable(repeated)
  return lines([
    `${name} with ${results.length} seeds, ${results[0]?.trial.number} to ${results.at(-1)?.trial.number}`,
    ...terminalTable(width)(columns, rows),
    `saved in ${folder}; \`nnlab runs ${folder}\` lists the runs`,
  ])
}

/** A row for each metric: its mean and deviation, then its value in every fold. */
export function foldTable(repeated: Repeated): TableContent {
  const folds = repeated.results.map(({ trial }) => `Fold ${trial.number}`)
  return spreadTable(repeated, numbers(...folds), (values) => values)
}

/** A row for each metric: its mean and deviation, then its lowest and highest value. */
export function rangeTable(repeated: Repeated): TableContent {
  return spreadTable(repeated, numbers('Lowest', 'Highest'), (values) => [
    Math.min(...values),
    Math.max(...values),
  ])
}

/** The spread of a metric, and its value in every trial. */
export type TrialSpread = Spread & { readonly metric: string; readonly values: readonly number[] }

/** The spreads of all metrics; those of test rows are named `test` and the metric. */
export function trialSpreads({ results, metrics, test = {} }: Repeated): TrialSpread[] {
  return [
    ...Object.entries(metrics).map(([metric, spread]) => ({
      metric,
      ...spread,
      values: results.map((one) => one.metrics[metric] ?? NaN),
    })),
    ...Object.entries(test).map(([metric, spread]) => ({
      metric: `test ${metric}`,
      ...spread,
      values: results.map((one) => one.test?.[metric] ?? NaN),
    })),
  ]
}

/** A row for each metric: its mean and deviation, then what its values in all trials come to. */
function spreadTable(
  repeated: Repeated,
  columns: readonly TableColumn[],
  shown: (values: readonly number[]) => readonly number[],
): TableContent {
  return {
    columns: [{ title: 'Metric' }, ...numbers('Mean', 'Deviation'), ...columns],
    rows: trialSpreads(repeated).map(({ metric, mean, deviation, values }) => [
      metric,
      ...[mean, deviation, ...shown(values)].map(shortNumber),
    ]),
  }
}
