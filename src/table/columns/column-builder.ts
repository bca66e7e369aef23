import { doubled } from '../../float-arrays.ts'
import { numberIn, numberOfCell } from '../../runtime/cell.ts'
import type { Cell } from '../../runtime/cell.ts'
import type { Column, NumberColumn, StringColumn } from '../table.ts'
import type { SpoolFile } from './spool-file.ts'
import { storeColumn } from './stored-column.ts'

export type ColumnType = 'number' | 'string'

/** The number of values that decide between numbers and strings. */
const SAMPLE = 100

/** The first room for numbers: V8 keeps arrays of at most 64 bytes without a buffer of their own. */
const LEAST_ROWS = 8

/** Bytes of a number in memory, or of a reference to a string. */
const CELL_BYTES = 8
/** Bytes of each distinct string besides its letters. */
const STRING_BYTES = 80

/**
 * Grows one column cell by cell. Unless its type is given, it holds numbers when at least half of its first hundred
 * values are numbers: a stray string is then an error to report, not a reason to read all numbers as strings.
 */
export class ColumnBuilder {
  readonly name: string
  readonly #readNumber: typeof numberIn
  /** The cells until the type is decided, the values among them, and the numbers among those. */
  #pending: Cell[] = []
  #sampled = 0
  #sampledNumbers = 0
  #column: GrowingNumbers | GrowingStrings | undefined

  constructor(name: string, type: ColumnType | undefined, readNumber = numberIn) {
    this.name = name
    this.#readNumber = readNumber
    this.#column = type && this.#growing(type)
  }

  /** The builder that takes parsed numbers, once the type is decided. */
  get numbers(): GrowingNumbers | undefined {
    return this.#column instanceof GrowingNumbers ? this.#column : undefined
  }

  /** True where the column is known to hold strings. */
  get holdsStrings(): boolean {
    return this.#column instanceof GrowingStrings
  }

  /** Bytes of the cells in memory. */
  get bytes(): number {
    return this.#column?.bytes ?? this.#pending.length * CELL_BYTES
  }

  add(cell: Cell): void {
    if (this.#column) return this.#column.add(cell)
    this.#pending.push(cell)
    if (cell === undefined) return
    this.#sampled += 1
    if (this.#readNumber(cell) !== undefined) this.#sampledNumbers += 1
    if (this.#sampled === SAMPLE) this.#decide()
  }

  finish(): NumberColumn | StringColumn {
    return (this.#column ?? this.#decide()).finish(this.name)
  }

  /**
   * Writes the cells so far to disk and starts over. While the type is not known there are few values among them, which
   * are kept: the column is to be asked for when the last cell was added.
   */
  cut(file: SpoolFile): () => Column {
    if (this.#column) {
      const stored = storeColumn(file, this.#column.finish(this.name))
      this.#column.clear()
      return () => stored
    }
    const rows = this.#pending.length
    const values = new Map([...this.#pending.entries()].filter(([, cell]) => cell !== undefined))
    this.#pending = []
    return () => {
      const column = this.#growing(
        (this.#column ?? this.#decide()) instanceof GrowingNumbers ? 'number' : 'string',
      )
      for (let row = 0; row < rows; row++) column.add(values.get(row))
      return storeColumn(file, column.finish(this.name))
    }
  }

  #decide(): GrowingNumbers | GrowingStrings {
    const column = this.#growing(
      this.#sampledNumbers * 2 >= this.#sampled ? 'number' : 'string',
      this.#pending.length,
    )
    for (const cell of this.#pending) column.add(cell)
    this.#pending = []
    this.#column = column
    return column
  }

  #growing(type: ColumnType, rows = 0): GrowingNumbers | GrowingStrings {
    return type === 'number' ? new GrowingNumbers(this.#readNumber, rows) : new GrowingStrings()
  }
}

class GrowingNumbers {
  #values: Float64Array
  #rows = 0
  #invalid: NumberColumn['invalid']
  readonly #readNumber: typeof numberIn

  /** With room for `rows` at first: a table may have few rows, and a million columns. */
  constructor(readNumber: typeof numberIn, rows: number) {
    this.#readNumber = readNumber
    this.#values = new Float64Array(Math.max(rows, LEAST_ROWS))
  }

  add(cell: Cell): void {
    const number = numberOfCell(cell, this.#readNumber)
    if (number === undefined) this.#invalid ??= { row: this.#rows, text: String(cell) }
    this.push(number ?? Infinity)
  }

  push(number: number): void {
    if (this.#rows === this.#values.length) this.#values = doubled(this.#values)
    this.#values[this.#rows++] = number
  }

  get bytes(): number {
    return this.#rows * CELL_BYTES
  }

  clear(): void {
    this.#values = new Float64Array(LEAST_ROWS)
    this.#rows = 0
    this.#invalid = undefined
  }

  finish(name: string): NumberColumn {
    // A little unused room is no reason to copy the numbers.
    const unused = this.#values.length - this.#rows
    const isSnug = this.#rows > LEAST_ROWS && unused < this.#values.length / 8
    const values = isSnug ? this.#values.subarray(0, this.#rows) : this.#values.slice(0, this.#rows)
    const column = { kind: 'number' as const, name, values }
    return this.#invalid ? { ...column, invalid: this.#invalid } : column
  }
}

class GrowingStrings {
  #values: string[] = []
  /** One copy of each distinct string, instead of one a row. */
  readonly #known = new Map<string, string>()
  #letters = 0

  add(cell: Cell): void {
    const text = cell === undefined ? '' : String(cell)
    const kept = this.#known.get(text)
    if (kept === undefined) {
      this.#known.set(text, text)
      this.#letters += text.length
    }
    this.#values.push(kept ?? text)
  }

  get bytes(): number {
    return this.#values.length * CELL_BYTES + this.#known.size * STRING_BYTES + this.#letters
  }

  clear(): void {
    this.#values = []
    this.#known.clear()
    this.#letters = 0
  }

  finish(name: string): StringColumn {
    return { kind: 'string', name, values: this.#values }
  }
}
