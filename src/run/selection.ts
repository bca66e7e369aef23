import { isBetter } from '../components/callbacks/improvement.ts'
import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { list, quote } from '../wording.ts'
import type { CatalogEntry } from './catalog.ts'
import { directionsIn, OverviewSpec } from './overview.ts'
import { metricValuesOf } from './record.ts'
import { leavesOf } from './spec-changes.ts'

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
type Condition = { readonly key: string; readonly comparison: Comparison; readonly value: string }

/** The runs for which all conditions hold, such as `fit.epochs>=20`; a run without the key only meets `!=`. */
export function filtered(runs: readonly CatalogEntry[], conditions: readonly string[]): CatalogEntry[] {
  const parsed = conditions.map(conditionOf)
  const valued = runs.map((run) => ({ run, values: valuesOf(run) }))
  const names = new Set(valued.flatMap(({ values }) => [...values.keys()]))
  for (const { key } of parsed) requireOne('key or metric', key, [...names])
  return valued
    .filter(({ values }) => parsed.every((one) => holds(one, valueOf(values, one.key))))
    .map(({ run }) => run)
}

/** The runs by a metric, the best first and those without it last; by path where none is named. */
export function sorted(runs: readonly CatalogEntry[], metric: string | undefined): readonly CatalogEntry[] {
  if (metric === undefined) return runs
  const valued = runs.map((run) => ({ run, values: metricValuesOf(run.record) }))
  requireOne('metric', metric, [...new Set(valued.flatMap(({ values }) => Object.keys(values)))])
  const directions = new Map(runs.flatMap(({ spec }) => [...directionsIn(OverviewSpec.safeParse(spec).data)]))
  const better = isBetter({ monitor: metric.replace(/^test_/, ''), mode: 'auto' }, directions)
  const worse = (a: number | null = null, b: number | null = null): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return Number(better(b, a)) - Number(better(a, b))
  }
  return valued.toSorted((a, b) => worse(a.values[metric], b.values[metric])).map(({ run }) => run)
}

function conditionOf(text: string): Condition {
  const [, key, comparison, value] = /^([^=!<>]+?) *(?:=(?==))?(=|!=|<=|>=|<|>) *(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined || !isComparison(comparison)) {
    throw new UsageError(`expected a condition, got ${quote(text)}`, {
      option: 'filter',
      hint: "a key or a metric, one of = != < <= > >=, and a value, as in 'fit.epochs>=20'",
    })
  }
  if (comparison.startsWith('<') || comparison.startsWith('>')) {
    if (numberOf(value) === undefined)
      throw new UsageError(`${key} is compared with ${quote(value)}, which is not a number`, {
        option: 'filter',
        hint: '= and != compare strings',
      })
  }
  return { key, comparison, value }
}

function isComparison(text: string | undefined): text is Comparison {
  return ['=', '!=', '<', '<=', '>', '>='].some((one) => one === text)
}

/** Metric values and the values of all keys of a run, by name and by path. */
function valuesOf({ record, spec }: CatalogEntry): Map<string, unknown> {
  return new Map([...leavesOf(spec), ...Object.entries(metricValuesOf(record))])
}

/** Names that a word means: the name itself, else the ends of paths such as `learning_rate`; a component is its type. */
function meant(word: string, names: readonly string[]): string[] {
  const exact = names.filter((name) => name === word || name === `${word}.type`)
  if (exact.length > 0) return exact
  return names.filter((name) => name.endsWith(`.${word}`) || name.endsWith(`.${word}.type`))
}

function valueOf(values: ReadonlyMap<string, unknown>, key: string): unknown {
  const [name] = meant(key, [...values.keys()])
  return name === undefined ? undefined : values.get(name)
}

/** Throws a UsageError where a word means none of the names of the runs, or several. */
function requireOne(kind: string, word: string, names: readonly string[]): void {
  const found = kind === 'metric' ? names.filter((name) => name === word) : meant(word, names)
  if (names.length === 0 || found.length === 1) return
  if (found.length > 1) {
    throw new UsageError(`${quote(word)} is the end of several keys: ${list(found)}`, {
      hint: 'write the whole path',
    })
  }
  const ends = names.map((name) => name.slice(name.lastIndexOf('.') + 1))
  const close = nearest(word, [...names, ...(kind === 'metric' ? [] : ends)])
  const known = kind === 'metric' ? list(names) : '`nnlab explain` lists the keys of a config'
  throw new UsageError(`no run has a ${kind} ${quote(word)}`, {
    hint: close === undefined ? known : `did you mean ${close}?`,
  })
}

function holds({ comparison, value }: Condition, found: unknown): boolean {
  const [a, b] = [numberOf(found), numberOf(value)]
  const same = a !== undefined && b !== undefined ? a === b : textOf(found) === value
  if (comparison === '=') return found !== undefined && same
  if (comparison === '!=') return !same
  if (a === undefined || b === undefined) return false
  if (comparison === '<') return a < b
  if (comparison === '<=') return a <= b
  return comparison === '>' ? a > b : a >= b
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN
  return Number.isNaN(number) ? undefined : number
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
