import { encodeRows } from '../../data/fit/encode-set.ts'
import { inOrder } from '../../data/rows/in-order.ts'
import type { Session } from '../../engine/engine.ts'
import { decode } from '../../runtime/predictions.ts'
import type { Predictions } from '../../runtime/predictions.ts'
import { positiveIndex } from '../../runtime/preprocessing.ts'
import type { OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import { quantile } from '../../statistics.ts'
import { findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'

/** The mean prediction over rows by the value that a column is set to in all of them. */
export type PartialDependence = {
  readonly column: string
  readonly values: readonly (number | string)[]
  /** One for each output and class, or column of numbers: the mean at each value. */
  readonly means: readonly {
    readonly output: string
    readonly label: string
    readonly mean: readonly number[]
  }[]
}

/** Values that a column is set to at most: numbers, and strings, the most frequent first. */
const [MOST_NUMBERS, MOST_STRINGS] = [20, 10]
/** Outliers are left out: the shares of the rows between which numbers are taken. */
const [LOWEST, HIGHEST] = [0.05, 0.95]

/** Partial dependence (Friedman 2001) on a column of a table in memory; undefined for arrays and where rows hardly share values. sklearn: partial_dependence. */
export async function partialDependenceOf(
  session: Pick<Session, 'predict' | 'unload'>,
  table: Table,
  preprocessing: Preprocessing,
  name: string,
  batchSize: number,
): Promise<PartialDependence | undefined> {
  const column = findColumn(table, name, 'the model')
  const values = valuesFor(column)
  const means = new Map<string, { output: string; label: string; mean: number[] }>()
  for (const value of values) {
    const changed = {
      ...table,
      columns: table.columns.map((one) => (one === column ? filled(one, value) : one)),
    }
    const roles = { targets: false, sampleWeight: false }
    const encoded = encodeRows(changed, { rows: inOrder(0, table.rows) }, preprocessing, roles)
    const predicted = await session.predict(encoded, batchSize)
    session.unload(encoded)
    for (const state of preprocessing.outputs) {
      const numbers = predicted.get(state.name)
      for (const { label, mean } of numbers ? meansOf(decode(state, numbers), state) : []) {
        const key = JSON.stringify([state.name, label])
        const known = means.get(key)
        if (known) known.mean.push(mean)
        else means.set(key, { output: state.name, label, mean: [mean] })
      }
    }
  }
  return values.length < 2 ? undefined : { column: name, values, means: [...means.values()] }
}

/** The different numbers of a column, or evenly spaced ones where they are many; the most frequent strings, unless they are texts that hardly recur. */
function valuesFor(column: Column): (number | string)[] {
  if (column.kind === 'array') return []
  if (column.kind === 'string') {
    const counts = new Map<string, number>()
    for (const value of column.values) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
    if (2 * counts.size > column.values.length) return []
    const frequent = [...counts].toSorted(([, a], [, b]) => b - a)
    return frequent.slice(0, MOST_STRINGS).map(([value]) => value)
  }
  const ascending = column.values.filter((value) => !Number.isNaN(value)).sort()
  const different = [...new Set(ascending)]
  if (different.length <= MOST_NUMBERS) return different
  const [low, high] = [quantile(ascending, LOWEST), quantile(ascending, HIGHEST)]
  return Array.from({ length: MOST_NUMBERS }, (_, i) => low + (i * (high - low)) / (MOST_NUMBERS - 1))
}

function filled(column: Column, value: number | string): Column {
  if (column.kind === 'number' && typeof value === 'number')
    return { ...column, values: new Float64Array(column.values.length).fill(value) }
  if (column.kind === 'string' && typeof value === 'string')
    return { ...column, values: new Array<string>(column.values.length).fill(value) }
  return column
}

/** Mean probabilities of the positive class or of every class, or mean numbers; none of margins. */
function meansOf(predictions: Predictions, state: OutputState): { label: string; mean: number }[] {
  if (predictions.kind === 'numbers') {
    const { values, size, columns } = predictions
    if (columns.length !== size) return []
    return columns.map((label, k) => ({ label, mean: meanAt(values, size, k) }))
  }
  const { classes, probabilities } = predictions
  if (!probabilities || state.kind !== 'classes') return []
  const shown = classes.length === 2 ? [positiveIndex(state)] : [...classes.keys()]
  return shown.map((k) => ({ label: classes[k] ?? '', mean: meanAt(probabilities, classes.length, k) }))
}

/** The mean of every `size`-th number. */
function meanAt(values: ArrayLike<number>, size: number, first: number): number {
  let [sum, count] = [0, 0]
  for (let at = first; at < values.length; at += size) {
    sum += values[at] ?? NaN
    count += 1
  }
  return sum / count
}
