import { join } from 'node:path'

import type { OpenSweep } from '../../sweep/open-sweep.ts'
import { ranked } from '../../sweep/sweep-result.ts'
import type { SweepOutcome, TrialOutcome } from '../../sweep/sweep-result.ts'
import type { SweepEvent } from '../../sweep/sweep-worker.ts'
import type { TurnResult } from '../../sweep/turn-result.ts'
import { counted, knownNumber, shortNumber } from './format.ts'
import { runName } from '../../run/run-name.ts'
import { shortPath, specValue } from './runs.ts'
import { numbers, terminalTable } from './table.ts'
import type { DrawTable, TableContent } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Maximum number of trials in the table. */
const MOST_TRIALS = 10

/** Maximum number of failures that are told. */
const MOST_FAILURES = 3

/** Lines about a sweep as it goes. */
export type SweepProgress = {
  /** The absolute path of the folder of the sweep, once it has begun. */
  readonly folder: string
  /** `results` are those from before an interruption. */
  readonly begin: (open: OpenSweep, results: readonly TurnResult[]) => void
  readonly turn: (event: SweepEvent) => void
}

/** Writes a line for each turn that ends. */
export function sweepProgress(write: (text: TerminalText) => void, cwd: string): SweepProgress {
  let open: OpenSweep | undefined
  let best: number | undefined
  const compare = ({ loss }: TurnResult): void => {
    if (loss !== null) best = Math.min(best ?? Infinity, loss)
  }
  return {
    get folder() {
      return open?.folder ?? ''
    },
    begin(begun, results) {
      open = begun
      results.forEach(compare)
      write(lines([`sweep in ${runName(begun.folder, cwd)}`]))
    },
    turn(event) {
      if (event.kind === 'begin' || open === undefined) return
      compare(event.result)
      write(turnLine(open, event, best))
    },
  }
}

function turnLine(
  { metric, order }: OpenSweep,
  { turn: { trial, epochs }, result }: Extract<SweepEvent, { kind: 'end' }>,
  best: number | undefined,
): TerminalText {
  const shown = (loss: number): string => shortNumber(metric.goal === 'minimize' ? loss : -loss)
  const of = Number.isFinite(order.most) ? `/${order.most}` : ''
  const value = result.loss === null ? 'failed' : `${metric.name} ${shown(result.loss)}`
  const parts = [
    `trial ${String(trial).padStart(of.length - 1)}${of}  ${value}`,
    ...(epochs === undefined ? [] : [`after ${counted(epochs, 'epoch')}`]),
    ...(best === undefined ? [] : [`best ${shown(best)}`]),
    ...(result.error === undefined ? [settings(result.set)] : [result.error]),
  ]
  return lines([parts.join('  ')])
}

function settings(set: TrialOutcome['set']): string {
  const paths = Object.keys(set)
  return paths.map((path) => `${shortPath(path, paths)}=${specValue(set[path])}`).join(' ')
}

export function renderSweepInterrupted(folder: string, cwd: string): TerminalText {
  return lines([`interrupted; resume with: nnlab sweep --resume ${runName(folder, cwd)}`])
}

/** The document of `sweep --json`. */
export function sweepJson({ sweep, bestConfig, best, trials, ...outcome }: SweepOutcome, cwd: string) {
  const trialJson = ({ runs, ...trial }: TrialOutcome) => ({
    ...trial,
    runs: runs.map(({ run, ...one }) => ({ run: runName(join(sweep, run), cwd), ...one })),
  })
  return {
    sweep: runName(sweep, cwd),
    ...outcome,
    ...(best && { best: trialJson(best) }),
    ...(bestConfig !== undefined && { best_config: runName(bestConfig, cwd) }),
    trials: trials.map(trialJson),
  }
}

/** The best trials, then the parameters. */
export function renderSweep(outcome: SweepOutcome, cwd: string, width: number): TerminalText {
  return lines(sweepLines(outcome, cwd, terminalTable(width)))
}

/** The same as lines. */
function sweepLines(outcome: SweepOutcome, cwd: string, draw: DrawTable): string[] {
  const { name, trials, best, bestConfig, metric } = outcome
  const failed = trials.filter(({ state }) => state === 'failed')
  const [table, parameters] = [trialTable(outcome, MOST_TRIALS), parameterTable(outcome)]
  return [
    `Sweep of ${name} by ${metric.name}: ${trialCounts(trials)}`,
    ...(best === undefined
      ? []
      : [...draw(table.columns, table.rows), ...draw(parameters.columns, parameters.rows)]),
    ...failed.slice(0, MOST_FAILURES).map(({ trial, error = '' }) => `trial ${trial} failed: ${error}`),
    ...(failed.length > MOST_FAILURES
      ? [`${counted(failed.length - MOST_FAILURES, 'more trial')} failed, which the JSON document lists`]
      : []),
    ...(bestConfig === undefined ? [] : [`best config: ${runName(bestConfig, cwd)}`]),
  ]
}

/** The parameters of all trials, those that matter most first, and short names for them. */
export function parametersOf({
  trials,
  importance,
}: Pick<SweepOutcome, 'trials' | 'importance'>): { readonly path: string; readonly label: string }[] {
  const paths = [...new Set(trials.flatMap(({ set }) => Object.keys(set)))]
  return paths
    .toSorted((a, b) => (importance[b] ?? 0) - (importance[a] ?? 0))
    .map((path) => ({ path, label: shortPath(path, paths) }))
}

/** The columns and rows of the best trials, the parameters that matter most first. */
export function trialTable({ metric, trials, importance }: SweepOutcome, most: number): TableContent {
  const shown = parametersOf({ trials, importance })
  const hasSeeds = trials.some(({ deviation }) => deviation !== undefined)
  const rows = ranked({ metric }, trials)
    .slice(0, most)
    .map(({ trial, value, deviation, epochs, set }) => [
      String(trial),
      value === undefined ? 'failed' : shortNumber(value),
      ...(hasSeeds ? [knownNumber(deviation)] : []),
      String(epochs),
      ...shown.map(({ path }) => specValue(set[path])),
    ])
  const columns = [
    ...numbers('Trial', metric.name, ...(hasSeeds ? ['Deviation'] : []), 'Epochs'),
    ...shown.map(({ label }) => ({ title: label })),
  ]
  return { columns, rows }
}

/** The columns and rows of the parameters: their values in the best trial, and what they explain. */
export function parameterTable({ importance, best }: SweepOutcome): TableContent {
  const set = best?.set ?? {}
  const names = Object.keys(importance).toSorted((a, b) => (importance[b] ?? 0) - (importance[a] ?? 0))
  const rows = names.map((name) => {
    const share = importance[name]
    const text = typeof share === 'number' ? `${Math.round(100 * share)} %` : '-'
    return [name, name in set ? specValue(set[name]) : '', text]
  })
  return { columns: [{ title: 'Parameter' }, { title: 'Best' }, ...numbers('Importance')], rows }
}

/** `30 trials, 12 ended early, 1 failed`. */
export function trialCounts(trials: readonly TrialOutcome[]): string {
  const [stopped, failed] = ['stopped', 'failed'].map(
    (state) => trials.filter((trial) => trial.state === state).length,
  )
  return [
    counted(trials.length, 'trial'),
    ...(stopped ? [`${stopped} ended early`] : []),
    ...(failed ? [`${failed} failed`] : []),
  ].join(', ')
}
