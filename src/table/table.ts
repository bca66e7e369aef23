import { DataError } from '../errors.ts'
import { sizeOf } from '../ir/ir.ts'
import { nearest } from '../nearest.ts'
import { list, quote } from '../wording.ts'

/** Numbers, one a row; NaN stands for a missing one. */
export type NumberColumn = {
  kind: 'number'
  name: string
  values: Float64Array
  /**
   * The first field that is not a finite number, whose value is infinite: an error as soon as the column is used. Its text
   * is not known where the fields before it were left out.
   */
  invalid?: { row: number; text?: string }
}

/** Strings, one a row; the empty one stands for a missing value. */
export type StringColumn = { kind: 'string'; name: string; values: string[] }

/** An array a row, in one block of [rows, ...shape]; never missing. */
export type ArrayColumn = {
  kind: 'array'
  name: string
  shape: readonly number[]
  values: Uint8Array | Int32Array | Float32Array | Float64Array
}

export type Column = NumberColumn | StringColumn | ArrayColumn

/** Typed columns of equal length, as every source yields them. */
export type Table = {
  /** The path of the file, or another name for messages. */
  name: string
  rows: number
  columns: readonly Column[]
  /** The columns that another program wrote to number the rows: no features unless a config names them. */
  index?: readonly string[]
  /**
   * The tables of consecutive rows that it consists of, where they are on disk. The values of its columns are then read
   * each time that they are asked for: whole columns here, those of a block there.
   */
  blocks?: readonly Table[]
  /** The origin of a row, to begin an error message with: `data/iris.csv:17`. */
  place(row: number): string
  /** The file of a row; absent where all of them are from the same. */
  file?(row: number): string
  /** Remarks on how the file was read. */
  notes?: readonly string[]
}

export type SplitName = 'train' | 'validation' | 'test'

/** The rows of a source; some have a validation or a test split of their own. */
export type DividedTables = { train: Table; validation?: Table; test?: Table; notes: string[] }

/** The columns by name, once for each list of columns: wide tables are searched once for each of their columns. */
const byName = new WeakMap<readonly Column[], Map<string, Column>>()

/** Returns the column with a name; the first one if several have it. */
export function columnNamed({ columns }: Table, name: string): Column | undefined {
  let named = byName.get(columns)
  if (!named) {
    named = new Map<string, Column>()
    for (const column of columns) if (!named.has(column.name)) named.set(column.name, column)
    byName.set(columns, named)
  }
  return named.get(name)
}

/** Finds a column by its name; the error names the key that asks for it and the columns there are. */
export function findColumn(table: Table, name: string, wantedBy: string): Column {
  const column = columnNamed(table, name)
  if (column) return column
  const names = table.columns.map((candidate) => candidate.name)
  const hint = delimiterHint(names) ?? headerHint(names) ?? nearestHint(name, names)
  throw new DataError(
    `${table.name}: there is no column ${quote(name)}, which ${wantedBy} names; the columns are ${list(names)}`,
    hint === undefined ? {} : { hint },
  )
}

/** The values of a column of one value a row; the error for one of arrays names the key that asks for it. */
export function scalarsOf(table: Table, name: string, wantedBy: string): Float64Array | readonly string[] {
  const { kind, values } = findColumn(table, name, wantedBy)
  if (kind !== 'array') return values
  throw new DataError(`${table.name}: ${wantedBy}: ${quote(name)} holds arrays`)
}

/** A hint where the one name of a header seems to hold several. */
export function delimiterHint([name, ...others]: readonly string[]): string | undefined {
  const delimiter = others.length > 0 ? undefined : [';', '\t', '|', ','].find((sign) => name?.includes(sign))
  const sign = JSON.stringify(delimiter)
  return delimiter && `the fields seem to be separated by ${sign}: set data.delimiter: ${sign}`
}

function nearestHint(name: string, names: readonly string[]): string | undefined {
  const close = nearest(name, names)
  return close && `did you mean ${quote(close)}?`
}

function headerHint(names: readonly string[]): string | undefined {
  const isData = names.some((name) => Number.isFinite(Number(name)))
  return isData ? 'the first line seems to be data: set data.header: false' : undefined
}

/** The number of elements in each row of a column. */
export function elementsOf(column: Column): number {
  return column.kind === 'array' ? sizeOf(column.shape) : 1
}

/** Returns the numbers of a column as one block; an error when it holds something else. */
export function numbersOf(
  table: Table,
  column: Column,
  use: string,
): NumberColumn['values'] | ArrayColumn['values'] {
  if (column.kind === 'string') {
    const { row, text } = firstString(table, column.name)
    throw new DataError(
      `${table.place(row)}: column ${quote(column.name)} holds strings such as ${quote(text)}, but ${use} needs numbers`,
    )
  }
  refuseInvalid(table, column)
  return column.values
}

/** Finds the first row of a column of strings that is not missing. */
function firstString({ blocks, ...table }: Table, name: string): { row: number; text: string } {
  let start = 0
  for (const block of blocks ?? [table]) {
    const column = columnNamed(block, name)
    const texts = column?.kind === 'string' ? column.values : []
    const row = texts.findIndex((text) => text !== '')
    if (row >= 0) return { row: start + row, text: texts[row] ?? '' }
    start += block.rows
  }
  return { row: 0, text: '' }
}

/** An invalid field as messages call it. */
export function invalidText({ text }: { readonly text?: string }): string {
  return text === undefined ? 'a value' : quote(text)
}

/** Throws when a column of numbers holds something else. */
export function refuseInvalid(table: Table, column: Column): void {
  if (column.kind === 'number' && column.invalid) {
    const { row } = column.invalid
    throw new DataError(
      `${table.place(row)}: ${invalidText(column.invalid)} in column ${quote(column.name)} is not a finite number, unlike the column's other values`,
      {
        hint: 'correct the value, or leave it empty and set data.missing; list a word for a missing value in data.missing_values; a column of categories goes into data.features.one_hot',
      },
    )
  }
}
