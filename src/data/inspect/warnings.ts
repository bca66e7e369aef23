import { columnPath } from '../../components/sources/selection.ts'
import type { Split } from '../../components/sources/options/split.ts'
import type { Selection, TargetSelection } from '../../components/sources/selection.ts'
import { warningAtKey } from '../../diagnostic.ts'
import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { secondsOfDate } from '../../runtime/encodings/date.ts'
import type { Feature, Preprocessing } from '../../runtime/preprocessing.ts'
import { partsOf } from '../../table/columns/blocks.ts'
import { columnNamed, findColumn } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'
import { transformsByColumn } from '../fit/roles.ts'
import { isAtRandom } from '../prepare/order.ts'
import { namesRows, nearlyAllDiffer } from './ids.ts'
import type { Inspection, LabelCounts } from './inspect.ts'
import { leakOf } from './leaks.ts'
import { isConstant } from './profile.ts'
import type { ColumnProfile } from './profile.ts'

export type Inspected = {
  selection: Selection
  split: Split
  table: Table
  /** Rows from all over the table, or the table itself, and what they show. */
  sample: Table
  profiles: readonly ColumnProfile[]
  /** Undefined if the rows could not be prepared. */
  preprocessing: Preprocessing | undefined
  /** Rows of each label in each split, by output. */
  labels: Inspection['labels']
  /** Rarer classes count more. */
  isWeighed: boolean
  /** The inputs whose numbers the model scales itself. */
  scaledInputs: ReadonlySet<string>
  /** Outputs by whose targets a loss or a metric divides, and its name. */
  divided: ReadonlyMap<string, string>
}

/** Warnings about rows, at the keys that name the columns. */
export function dataWarnings(data: Inspected): Problem[] {
  return [
    ...abridged(columnFindings(data)),
    ...abridged(idFindings(data)),
    ...labelWarnings(data),
    ...abridged(caseFindings(data)),
    ...imbalanceWarnings(data),
    ...timeWarnings(data),
    ...abridged(scaleFindings(data)),
    ...abridged(zeroFindings(data)),
    ...abridged(leakFindings(data)),
  ]
}

/** Fewer rows prove nothing. */
const MIN_ROWS = 20

/** Maximum warnings of a kind at one key. */
const MAX_WARNINGS = 3

/** A likely mistake, which each of a million columns may have: the text is made for the few that are shown. */
type ColumnFinding = {
  code: DiagnosticCode
  path: ConfigPath
  message(): string
  hint: string
}

/** Warnings of findings, of which those beyond MAX_WARNINGS of a kind and key are only counted. */
function abridged(findings: Iterable<ColumnFinding>): Problem[] {
  const counts = new Map<string, number>()
  const shown: { finding: ColumnFinding; key: string; isLast: boolean }[] = []
  for (const finding of findings) {
    const key = [finding.code, ...finding.path].join('.')
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count <= MAX_WARNINGS) shown.push({ finding, key, isLast: count === MAX_WARNINGS })
  }
  return shown.map(({ finding: { code, path, message, hint }, key, isLast }) => {
    const left = (counts.get(key) ?? 0) - MAX_WARNINGS
    const others = isLast && left > 0 ? `, like ${counted(left, 'more column')}` : ''
    return warningAtKey(code, path, `${message()}${others}`, hint)
  })
}

function* columnFindings({ selection, table, profiles }: Inspected): Generator<ColumnFinding> {
  const pathOf = columnPaths(selection)
  const transforms = transformsByColumn(selection)
  const isStrict = (column: string): boolean =>
    selection.missing === 'error' && transforms.get(column)?.['missing'] === undefined
  for (const profile of profiles) {
    const { name, role, missing } = profile
    if (role !== 'feature' && role !== 'target') continue
    if (missing > 0) {
      if (!isStrict(name)) continue
      yield {
        code: 'missing-values',
        path: pathOf(profile),
        message: () =>
          `the column ${quote(name)} lacks a value in ${counted(missing, 'row')} of ${table.rows}: training would stop there`,
        hint: 'set data.missing: drop, mean, median or {constant: 0}',
      }
    } else if (isConstant(profile) && table.rows > 1) {
      yield {
        code: 'constant-column',
        path: pathOf(profile),
        message: () => `the column ${quote(name)} has the same value in every row`,
        hint: role === 'feature' ? 'exclude it with data.features.exclude' : 'choose another target',
      }
    }
  }
}

function* idFindings({
  selection,
  table,
  sample,
  profiles,
  preprocessing,
}: Inspected): Generator<ColumnFinding> {
  const pathOf = columnPaths(selection)
  const oneHot = new Set(
    preprocessing?.inputs.flatMap(({ features }) =>
      features.flatMap((feature) =>
        feature.kind === 'encoded' && feature.transform === 'one_hot' ? [feature.column] : [],
      ),
    ),
  )
  for (const [i, profile] of profiles.entries()) {
    const { name, role, missing, distinct = 0 } = profile
    const known = sample.rows - missing
    const column = sample.columns[i]
    const isNamed = column !== undefined && namesRows(column, distinct, known)
    if (role !== 'feature' || known < MIN_ROWS || !(isNamed || (oneHot.has(name) && distinct === known)))
      continue
    // Values that a sample has once may be there often.
    if (sample !== table && !isDifferent(table, name, isNamed)) continue
    yield {
      code: 'id',
      path: pathOf(profile),
      message: () =>
        `the feature ${quote(name)} seems to identify the rows: its values are ${distinct === known ? 'all' : 'nearly all'} different`,
      hint: 'a network memorizes such values, which does not help with new rows: exclude it with data.features.exclude',
    }
  }
}

/** True where the values of a column of the whole table are different: nearly all of them, where its name says that they are ids. */
function isDifferent(table: Table, name: string, isNamed: boolean): boolean {
  const different = new Set<string | number>()
  let known = 0
  for (const { kind, values } of partsOf(table, findColumn(table, name, 'data'))) {
    for (const value of kind === 'array' ? [] : values) {
      if (value === '' || Number.isNaN(value)) continue
      known += 1
      different.add(value)
    }
  }
  return isNamed ? nearlyAllDiffer(different.size, known) : different.size === known
}

/** Rows of each label in all splits together. */
function totals(counts: ReadonlyMap<string, LabelCounts>): [label: string, rows: number][] {
  return Array.from(counts, ([label, { train, validation, test }]) => [label, train + validation + test])
}

/** Rows of the most frequent class to those of the rarest from which classes are imbalanced, and rows that a class needs to be weighed. */
const [IMBALANCE, ROWS_TO_WEIGH] = [10, 20]

function imbalanceWarnings({ selection, labels, isWeighed }: Inspected): Problem[] {
  if (isWeighed) return []
  return [...labels].flatMap(([output, counts]) => {
    const found = totals(counts)
      .filter(([, count]) => count > 1)
      .toSorted(([, a], [, b]) => b - a)
    const [most, fewest] = [found[0], found.at(-1)]
    if (!most || !fewest || most[1] < IMBALANCE * fewest[1]) return []
    const path = targetPath(selection, ({ name = 'output' }) => name === output)
    const message = `${quote(fewest[0])} has ${counted(fewest[1], 'row')}, ${quote(most[0])} ${most[1]}: a model that never predicts ${quote(fewest[0])} is nearly as good`
    const look = 'look at the recall of each class in `nnlab evaluate`'
    const hint =
      fewest[1] < ROWS_TO_WEIGH
        ? `${look}, and add rows of the rare classes, or join them: these are too few to be weighted`
        : `set fit.class_weight: balanced, or data.balance, and ${look}`
    return [warningAtKey('imbalance', path, message, hint)]
  })
}

/** A column of dates by which the rows are in order, where the splits are chosen at random. */
function timeWarnings({ selection, split, sample, profiles }: Inspected): Problem[] {
  if (!isAtRandom(split) || selection.window || sample.rows < MIN_ROWS) return []
  const clock = profiles.find(({ name, kind }) => kind === 'string' && isInOrder(sample, name))
  if (!clock) return []
  const message = `the rows are in the order of ${quote(clock.name)}, but the splits are chosen at random: rows held out lie between those of training`
  const hint = `to measure how later rows are predicted, set data.split.time: ${clock.name}`
  return [warningAtKey('time-order', ['data', 'split'], message, hint)]
}

/** True for dates that ascend or descend from row to row, and do not stay the same. */
function isInOrder(table: Table, name: string): boolean {
  const times: number[] = []
  for (const { kind, values } of partsOf(table, findColumn(table, name, 'data'))) {
    for (const value of kind === 'string' ? values : []) {
      const time = secondsOfDate(value)
      if (time === undefined) return false
      times.push(time)
    }
  }
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const sign = Math.sign(last - first)
  return sign !== 0 && times.every((time, i) => i === 0 || sign * (time - (times[i - 1] ?? time)) >= 0)
}

/** Labels and categories that are one word, written in several ways. */
function* caseFindings({ selection, labels, preprocessing }: Inspected): Generator<ColumnFinding> {
  const kind = { code: 'label-case', hint: 'write them alike in the file if they mean the same' } as const
  for (const [output, counts] of labels) {
    const path = targetPath(selection, ({ name = 'output' }) => name === output)
    for (const spellings of sameWords([...counts.keys()]))
      yield {
        ...kind,
        path,
        message: () => `the labels ${list(spellings)} differ in case alone, and each is a class of its own`,
      }
  }
  const pathOf = columnPaths(selection)
  for (const [name, categories] of categoriesByColumn(preprocessing)) {
    for (const spellings of sameWords(categories))
      yield {
        ...kind,
        path: pathOf({ name, role: 'feature' }),
        message: () =>
          `${list(spellings)} in the column ${quote(name)} differ in case alone, and each is a category of its own`,
      }
  }
}

function categoriesByColumn(preprocessing: Preprocessing | undefined): Map<string, readonly string[]> {
  const features = preprocessing?.inputs.flatMap((input) => input.features) ?? []
  return new Map(
    features.flatMap((feature) =>
      feature.kind === 'encoded' && 'categories' in feature.state
        ? [[feature.column, feature.state.categories] as const]
        : [],
    ),
  )
}

/** The spellings of words that are there in several. */
function sameWords(spellings: readonly string[]): string[][] {
  const words = new Map<string, string[]>()
  for (const spelling of spellings) {
    const word = spelling.toLowerCase()
    const known = words.get(word)
    if (known) known.push(spelling)
    else words.set(word, [spelling])
  }
  // Single letters may be classes of their own, as those of handwriting.
  return [...words].flatMap(([word, same]) => (same.length > 1 && word.length > 1 ? [same] : []))
}

function labelWarnings({ selection, labels }: Inspected): Problem[] {
  return [...labels].flatMap(([output, counts]) => {
    const single = totals(counts).flatMap(([label, count]) => (count === 1 ? [label] : []))
    if (single.length === 0) return []
    const path = targetPath(selection, ({ name = 'output' }) => name === output)
    const subject = single.length > 1 ? `the labels ${list(single)} have` : `the label ${list(single)} has`
    const hint = 'a class of one row cannot be both learned and measured: add rows of it, or drop it'
    return [warningAtKey('rare-label', path, `${subject} only one row`, hint)]
  })
}

/** Root mean squares between these need no scaling. */
const UNSCALED_SIZES = { min: 0.01, max: 10 }

function* scaleFindings({
  selection,
  profiles,
  preprocessing,
  scaledInputs,
}: Inspected): Generator<ColumnFinding> {
  const pathOf = columnPaths(selection)
  const plain = new Set<string>()
  for (const { name, features } of preprocessing?.inputs ?? []) {
    if (scaledInputs.has(name)) continue
    for (const feature of features) if (!isScaled(feature)) plain.add(feature.column)
  }
  for (const profile of profiles) {
    const { name, mean, deviation, min = 0, max = 0 } = profile
    if (!plain.has(name) || mean === undefined || deviation === undefined) continue
    const size = Math.sqrt(mean ** 2 + deviation ** 2)
    if (size === 0 || (size >= UNSCALED_SIZES.min && size <= UNSCALED_SIZES.max)) continue
    yield {
      code: 'scale',
      path: pathOf(profile),
      message: () => `the column ${quote(name)} ranges from ${short(min)} to ${short(max)} and is not scaled`,
      hint: 'networks learn best from numbers near 1: set data.features.scale, as in `scale: standard`',
    }
  }
}

function isScaled(feature: Feature): boolean {
  switch (feature.kind) {
    case 'encoded':
      return true
    case 'number':
      return feature.scaling !== undefined
    case 'array':
      return feature.scalings.length > 0
  }
}

function* zeroFindings({ selection, sample, divided }: Inspected): Generator<ColumnFinding> {
  for (const [output, figure] of divided) {
    for (const { name = output, path, columns } of selection.targets) {
      for (const column of name === output ? columns : []) {
        const zeros = zerosIn(sample, column)
        if (zeros === 0) continue
        yield {
          code: 'zero-target',
          path,
          message: () =>
            `${figure} divides by the target ${quote(column)}, which is 0 in ${counted(zeros, 'row')} of ${sample.rows}: these rows alone decide its value`,
          hint: `use mean_absolute_error or mean_squared_logarithmic_error, or leave these rows out with data.where: {${quote(column)}: {not: 0}}`,
        }
      }
    }
  }
}

function zerosIn(table: Table, name: string): number {
  const parts = partsOf(table, findColumn(table, name, 'data'))
  return parts.reduce(
    (zeros, { kind, values }) =>
      zeros + (kind === 'string' ? 0 : values.filter((value) => value === 0).length),
    0,
  )
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function* leakFindings({ selection, table, sample, profiles }: Inspected): Generator<ColumnFinding> {
  if (selection.window) return
  const pathOf = columnPaths(selection)
  const targets = profiles.filter(({ role }) => role === 'target')
  for (const feature of profiles) {
    for (const target of feature.role === 'feature' ? targets : []) {
      const leakIn = (rows: Table): string | undefined => {
        const [x, y] = [columnNamed(rows, feature.name), columnNamed(rows, target.name)]
        return x && y && leakOf(rows, x, y)
      }
      // Few rows rule out nearly all features.
      const how = leakIn(sample) && leakIn(table)
      if (how === undefined) continue
      yield {
        code: 'leak',
        path: pathOf(feature),
        message: () => `the feature ${quote(feature.name)} ${how} the target ${quote(target.name)}`,
        hint: 'exclude it unless it is known when the model is used',
      }
    }
  }
}

/** Finds the key that names a column, or the one that would. */
function columnPaths(selection: Selection): (profile: Pick<ColumnProfile, 'name' | 'role'>) => ConfigPath {
  const transforms = transformsByColumn(selection)
  const listed = new Map<string, ConfigPath>()
  for (const input of selection.inputs) {
    for (const [index, name] of input.columns?.entries() ?? [])
      if (!listed.has(name)) listed.set(name, columnPath(input, index))
  }
  return ({ name, role }) => {
    if (role === 'target') return targetPath(selection, ({ columns }) => columns.includes(name))
    if (transforms.has(name)) return ['data', 'features', 'transforms', name]
    return listed.get(name) ?? ['data', 'features']
  }
}

/** The key of a target, or that of all of them. */
function targetPath({ targets }: Selection, isWanted: (target: TargetSelection) => boolean): ConfigPath {
  return targets.find(isWanted)?.path ?? targets[0]?.path.slice(0, 2) ?? ['data']
}
