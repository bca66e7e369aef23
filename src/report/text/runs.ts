import type { RunOverview } from '../../run/overview.ts'
import type { RunComparison } from '../../run/run-comparison.ts'
import { changeLines } from '../../run/spec-changes.ts'
import type { SpecChange } from '../../run/spec-changes.ts'
import type { GroupOverview } from '../../sweep/group-overview.ts'
import { list } from '../../wording.ts'
import { clip } from './characters.ts'
import { counted, duration, knownNumber, minuteOf, shortNumber } from './format.ts'
import { runName } from '../../run/run-name.ts'
import { shorten } from './message.ts'
import { groupTable } from './groups.ts'
import { numbers, table } from './table.ts'
import type { DrawTable } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Maximum number of keys that `runs` shows. */
const MOST_KEYS = 8
/** Maximum length of a value of a key in a table. */
const LONGEST_VALUE = 60

/** The document of `runs --json`. */
export function runsJson(runs: readonly RunOverview[], groups: readonly GroupOverview[], cwd: string) {
  return {
    groups: groups.map(({ folder, ...overview }) => ({ group: runName(folder, cwd), ...overview })),
    runs: runs.map((run) => overviewJson(run, cwd)),
  }
}

/** A run as documents have it. */
export function overviewJson({ best, ...overview }: RunOverview, cwd: string) {
  return {
    ...overview,
    run: runName(overview.run, cwd),
    ...(best && { best: { figure: best.metric, value: best.value, epoch: best.epoch } }),
  }
}

/** The runs, then the groups, where there are any. */
export function renderRuns(
  runs: readonly RunOverview[],
  groups: readonly GroupOverview[],
  cwd: string,
  draw: DrawTable,
): TerminalText {
  const { columns, rows } = groupTable(groups, cwd)
  return lines([
    ...(runs.length > 0 ? runLines(runs, cwd, draw) : []),
    ...(groups.length > 0 ? draw(columns, rows) : []),
  ])
}

function runLines(runs: readonly RunOverview[], cwd: string, draw: DrawTable): string[] {
  const metrics = [...new Set(runs.flatMap(({ test = {} }) => Object.keys(test)))]
  const keys = tellingKeys(runs)
  const shown = keys.slice(0, MOST_KEYS)
  const rows = runs.map(({ run, state, epochs, best, seconds, started, test = {}, differing }) => [
    runName(run, cwd),
    state,
    epochsDone(epochs),
    bestEpoch(best) || '-',
    ...metrics.map((name) => knownNumber(test[name], '-')),
    ...shown.map((key) => specValue(differing[key])),
    seconds === undefined ? '-' : duration(seconds),
    minuteOf(started),
  ])
  const columns = [
    { title: 'run' },
    { title: 'state' },
    ...numbers('epochs'),
    { title: 'best' },
    ...numbers(...metrics.map((name) => `test_${name}`)),
    ...shown.map((key) => ({ title: shortPath(key, keys) })),
    ...numbers('time'),
    { title: 'started' },
  ]
  const left = keys.length - shown.length
  return [
    ...draw(columns, rows),
    ...(left === 0
      ? []
      : [
          `${counted(left, 'more key')} differ: see the JSON document, or \`nnlab diff\` with some of the runs`,
        ]),
  ]
}

/** `3/20`, or `3` where their number is open. */
export function epochsDone({ done, wanted }: RunOverview['epochs']): string {
  return wanted === undefined ? String(done) : `${done}/${wanted}`
}

/** The best epoch by the metric that ranks them; empty where there is none. */
export function bestEpoch(best: RunOverview['best']): string {
  return best ? `${best.metric} ${shortNumber(best.value)} (epoch ${best.epoch})` : ''
}

/**
 * The keys in which runs differ, those first that all of them have and whose values are short. What another column
 * shows is left out, and options that only components of one type have, where the types differ.
 */
export function tellingKeys(runs: readonly RunOverview[]): string[] {
  const keys = Object.keys(runs[0]?.differing ?? {})
  const rank = (key: string): number => {
    const values = runs.map(({ differing }) => differing[key])
    if (values.includes(undefined)) return keys.includes(key.replace(/[^.]*$/, 'type')) ? Infinity : 2
    return values.some((value) => typeof value === 'object' && value !== null) ? 1 : 0
  }
  return keys
    .filter((key) => !['', 'name', 'fit.epochs'].includes(key) && rank(key) < Infinity)
    .toSorted((a, b) => rank(a) - rank(b))
}

/** The end of a path that no other ends with, such as `learning_rate`; that of a component's type is the component's. */
export function shortPath(path: string, all: readonly string[]): string {
  const parts = path.replace(/\.type$/, '').split('.')
  const ends = parts.map((_, i) => parts.slice(-1 - i).join('.'))
  const others = all.filter((one) => one !== path).map((one) => `.${one.replace(/\.type$/, '')}`)
  return ends.find((end) => !others.some((one) => one.endsWith(`.${end}`))) ?? path
}

/** A value of a config as text; `-` where there is none. */
export function specValue(value: unknown): string {
  if (value === undefined) return '-'
  return clip(typeof value === 'string' ? value : JSON.stringify(value), LONGEST_VALUE)
}

/** The document of `diff --json`: of two runs, or of several. */
export function runComparisonJson({ spec, metrics, weights }: RunComparison, runs: readonly string[]) {
  const [a, b] = runs
  if (runs.length > 2) {
    return { runs, spec, metrics: metrics.map(({ metric, values }) => ({ figure: metric, values })), weights }
  }
  return {
    a,
    b,
    spec: changesOf(spec),
    metrics: metrics.map(({ metric, values }) => ({ figure: metric, a: values[0], b: values[1] })),
    same_weights: weights[0] !== undefined && weights[0] === weights[1],
  }
}

function changesOf(spec: RunComparison['spec']): SpecChange[] {
  return spec.map(({ path, values: [before, after] }) => ({ path, before, after }))
}

/** The differences of runs, which are named as the user names them. */
export function renderRunComparison(
  comparison: RunComparison,
  names: readonly string[],
  width: number,
): TerminalText {
  const { spec, metrics } = comparison
  const two = names.length === 2
  const rows = metrics.map(({ metric, values }) => {
    const [a = null, b = null] = values
    const difference = a === null || b === null ? '-' : shortNumber(b - a)
    return [metric, ...values.map((value) => knownNumber(value, '-')), ...(two ? [difference] : [])]
  })
  const keys = spec.map(({ path, values }) => [path, ...values.map(specValue)])
  const runs = names.map((title) => ({ title }))
  return lines([
    ...(spec.length === 0
      ? ['the configs are the same']
      : two
        ? ['the configs differ:', ...changeLines(changesOf(spec)).map((line) => `  ${shorten(line)}`)]
        : table([{ title: 'key' }, ...runs], keys, width)),
    ...(rows.length === 0
      ? []
      : table([{ title: 'metric' }, ...numbers(...names, ...(two ? ['difference'] : []))], rows, width)),
    ...weightLines(comparison, names),
  ])
}

/** Lines that say which runs have the same weights. */
function weightLines({ weights }: RunComparison, names: readonly string[]): string[] {
  const byWeights = new Map<string, string[]>()
  for (const [i, sha256] of weights.entries()) {
    if (sha256 !== undefined) byWeights.set(sha256, [...(byWeights.get(sha256) ?? []), names[i] ?? ''])
  }
  if (byWeights.size === 0) return []
  const same = [...byWeights.values()].filter(({ length }) => length > 1)
  if (same[0]?.length === names.length) return ['the weights are the same, bit for bit']
  if (same.length === 0)
    return [names.length === 2 ? 'the weights are not the same' : 'the weights all differ']
  return same.map((runs) => `the weights of ${list(runs)} are the same, bit for bit`)
}
