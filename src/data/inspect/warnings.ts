import { columnPath } from '../../components/sources/selection.ts'
import type { Selection, TargetSelection } from '../../components/sources/selection.ts'
import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import type { Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'
import { transformIn } from '../fit/roles.ts'
import { leakOf } from './leaks.ts'
import type { ColumnProfile } from './profile.ts'

export type Inspected = {
  selection: Selection
  table: Table
  profiles: readonly ColumnProfile[]
  /** What was fitted, where the rows could be prepared. */
  preprocessing: Preprocessing | undefined
  /** How many rows each label has, by output. */
  labels: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** The inputs whose numbers the model scales itself. */
  scaledInputs: ReadonlySet<string>
}

/** What may be wrong with rows, at the keys that name the columns. */
export function dataWarnings(data: Inspected): Problem[] {
  return [
    ...abridged(columnWarnings(data)),
    ...labelWarnings(data),
    ...abridged(scaleWarnings(data)),
    ...abridged(leakWarnings(data)),
  ]
}

/** So many columns that share a key are named for the same fault. */
const MOST_COLUMNS = 3

/** Of many columns with the same fault at the same key, a few and the number of the others. */
function abridged(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, number>()
  const placeOf = ({ code, path }: Problem): string => [code, ...path].join('.')
  for (const problem of problems) seen.set(placeOf(problem), (seen.get(placeOf(problem)) ?? 0) + 1)
  const shown = new Map<string, number>()
  return problems.flatMap((problem) => {
    const place = placeOf(problem)
    const position = (shown.get(place) ?? 0) + 1
    const left = (seen.get(place) ?? 0) - MOST_COLUMNS
    shown.set(place, position)
    if (left <= 0 || position < MOST_COLUMNS) return [problem]
    const message = `${problem.message}, as is so for ${counted(left, 'more column')}`
    return position === MOST_COLUMNS ? [{ ...problem, message }] : []
  })
}

function warning(code: DiagnosticCode, path: ConfigPath, message: string, hint: string): Problem {
  return { severity: 'warning', code, path, at: 'key', message, hint }
}

function columnWarnings({ selection, table, profiles }: Inspected): Problem[] {
  const used = profiles.filter(({ role }) => role === 'feature' || role === 'target')
  const isStrict = (column: string): boolean =>
    selection.missing === 'error' && transformIn(selection, column)?.['missing'] === undefined
  return used.flatMap((profile) => {
    const { name, role, missing, distinct, min, max } = profile
    const path = pathOf(selection, profile)
    const isConstant = distinct === 1 || (min !== undefined && min === max)
    return [
      ...(missing > 0 && isStrict(name)
        ? [
            warning(
              'missing-values',
              path,
              `the column ${quote(name)} lacks a value in ${counted(missing, 'row')} of ${table.rows}, where training stops`,
              'set data.missing: drop, mean, median or {constant: 0}',
            ),
          ]
        : []),
      ...(isConstant && missing === 0 && table.rows > 1
        ? [
            warning(
              'constant-column',
              path,
              `the column ${quote(name)} has the same value in every row`,
              role === 'feature' ? 'leave it out with data.features.exclude' : 'choose another target',
            ),
          ]
        : []),
    ]
  })
}

function labelWarnings({ selection, labels }: Inspected): Problem[] {
  return Array.from(labels, ([output, counts]): Problem[] => {
    const single = Array.from(counts).flatMap(([label, count]) => (count === 1 ? [label] : []))
    if (single.length === 0) return []
    const several = single.length > 1
    return [
      warning(
        'rare-label',
        targetPath(selection, ({ name = 'output' }) => name === output),
        `${several ? 'the labels' : 'the label'} ${list(single)} ${several ? 'have' : 'has'} one row only`,
        'a class of one row cannot be learnt and measured: bring more rows, or leave it out',
      ),
    ]
  }).flat()
}

/** Root mean squares between these need no scaling. */
const USUAL = { least: 0.01, most: 10 }

function scaleWarnings({ selection, profiles, preprocessing, scaledInputs }: Inspected): Problem[] {
  const inputs = preprocessing?.inputs.filter(({ name }) => !scaledInputs.has(name)) ?? []
  const plain = inputs.flatMap(({ features }) =>
    features.flatMap((feature) => {
      const isScaled =
        feature.kind === 'encoded' ||
        (feature.kind === 'number' ? feature.scaling !== undefined : feature.scalings.length > 0)
      return isScaled ? [] : [feature.column]
    }),
  )
  return profiles.flatMap((profile) => {
    const { name, mean, deviation, min = 0, max = 0 } = profile
    if (!plain.includes(name) || mean === undefined || deviation === undefined) return []
    const size = Math.sqrt(mean ** 2 + deviation ** 2)
    if (size === 0 || (size >= USUAL.least && size <= USUAL.most)) return []
    const hint = 'networks learn best from numbers near 1: set data.features.scale, as in `scale: standard`'
    return [
      warning(
        'scale',
        pathOf(selection, profile),
        `the column ${quote(name)} goes from ${short(min)} to ${short(max)} and is not scaled`,
        hint,
      ),
    ]
  })
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function leakWarnings({ selection, table, profiles }: Inspected): Problem[] {
  if (selection.window) return []
  const column = (name: string) => table.columns.find((candidate) => candidate.name === name)
  const named = (role: ColumnProfile['role']) => profiles.filter((profile) => profile.role === role)
  return named('feature').flatMap((feature) =>
    named('target').flatMap((target) => {
      const [x, y] = [column(feature.name), column(target.name)]
      const how = x && y && leakOf(table, x, y)
      if (how === undefined) return []
      const message = `the feature ${quote(feature.name)} ${how} the target ${quote(target.name)}`
      return [
        warning(
          'leak',
          pathOf(selection, feature),
          message,
          'will it be known when the model is used? else exclude it',
        ),
      ]
    }),
  )
}

/** The key that names a column, or that would. */
function pathOf(selection: Selection, { name, role }: ColumnProfile): ConfigPath {
  if (role === 'target') return targetPath(selection, ({ columns }) => columns.includes(name))
  if (transformIn(selection, name)) return ['data', 'features', 'transforms', name]
  for (const input of selection.inputs) {
    const index = input.columns?.indexOf(name) ?? -1
    if (index >= 0) return columnPath(input, index)
  }
  return ['data', 'features']
}

/** The key of a target, or that of all of them. */
function targetPath({ targets }: Selection, isMeant: (target: TargetSelection) => boolean): ConfigPath {
  return targets.find(isMeant)?.path ?? targets[0]?.path.slice(0, 2) ?? ['data']
}
