import type { RunOverview } from '../../run/overview.ts'
import type { RunComparison } from '../../run/run-comparison.ts'
import { shorten } from './message.ts'
import { duration, shortNumber } from './format.ts'
import { numbers, table } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'
import { runName } from './training.ts'
import { changeLines } from '../../run/spec-changes.ts'

/** The document of `runs --json`. */
export function runsJson(runs: readonly RunOverview[], cwd: string) {
  return {
    runs: runs.map(({ best, ...overview }) => ({
      ...overview,
      run: runName(overview.run, cwd),
      ...(best && { best: { figure: best.metric, value: best.value, epoch: best.epoch } }),
    })),
  }
}

export function renderRuns(runs: readonly RunOverview[], cwd: string, width: number): TerminalText {
  const rows = runs.map(({ run, state, epochs, best, seconds, started }) => [
    runName(run, cwd),
    state,
    epochs.wanted === undefined ? String(epochs.done) : `${epochs.done}/${epochs.wanted}`,
    best === undefined ? '-' : `${best.metric} ${shortNumber(best.value)} (epoch ${best.epoch})`,
    seconds === undefined ? '-' : duration(seconds),
    started.slice(0, 16).replace('T', ' '),
  ])
  const columns = [
    { title: 'run' },
    { title: 'state' },
    ...numbers('epochs'),
    { title: 'best' },
    ...numbers('time'),
    { title: 'started' },
  ]
  return lines(table(columns, rows, width))
}

/** The document of `diff --json`. */
export function runComparisonJson({ spec, metrics, sameWeights }: RunComparison, names: readonly string[]) {
  const [a, b] = names
  const values = metrics.map(({ metric, ...rest }) => ({ figure: metric, ...rest }))
  return { a, b, spec, metrics: values, same_weights: sameWeights }
}

/** The differences of two runs, which are named as the user names them. */
export function renderRunComparison(
  { spec, metrics, sameWeights }: RunComparison,
  names: readonly string[],
  width: number,
): TerminalText {
  const shown = (value: number | null): string => (value === null ? '-' : shortNumber(value))
  const rows = metrics.map(({ metric, a, b }) => [
    metric,
    shown(a),
    shown(b),
    a === null || b === null ? '-' : shown(b - a),
  ])
  const columns = [{ title: 'metric' }, ...numbers(...names, 'difference')]
  return lines([
    ...(spec.length === 0
      ? ['the configs are the same']
      : ['the configs differ:', ...changeLines(spec).map((line) => `  ${shorten(line)}`)]),
    ...(rows.length === 0 ? [] : table(columns, rows, width)),
    `the weights are ${sameWeights ? 'the same, bit for bit' : 'not the same'}`,
  ])
}
