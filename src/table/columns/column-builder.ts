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

/** The numbers of which room is made at once. */
const ROOM = 2 ** 14

/** Room for the numbers of a table's columns: an array of its own takes V8 200 bytes more than a part of a larger one. */
export class NumberRoom {
  #values = new Float64Array(0)
  #taken = 0

  take(count: number): Float64Array {
    if (count > ROOM / 16) return new Float64Array(count)
    if (this.#taken + count > this.#values.length) {
      this.#values = new Float64Array(ROOM)
      this.#taken = 0
    }
    this.#taken += count
    return this.#values.subarray(this.#taken - count, this.#taken)
  }
}

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

  finish(room?: NumberRoom): NumberColumn | StringColumn {
    return (this.#column ?? this.#decide(room)).finish(this.name)
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

  #decide(room?: NumberRoom): GrowingNumbers | GrowingStrings {
    const type = this.#sampledNumbers * 2 >= this.#sampled ? 'number' : 'string'
    const column = this.#growing(type, this.#pending.length || LEAST_ROWS, room)
    for (const cell of this.#pending) column.add(cell)
    this.#pending = []
    this.#column = column
    return column
  }

  /** A column with room for `rows` at first: a table may have few rows, and a million columns. */
  #growing(type: ColumnType, rows = LEAST_ROWS, room?: NumberRoom): GrowingNumbers | GrowingStrings {
    return type === 'number'
      ? new GrowingNumbers(this.#readNumber, room?.take(rows) ?? new Float64Array(rows))
      : new GrowingStrings()
  }
}

class GrowingNumbers {
  #values: Float64Array
  #rows = 0
  #invalid: NumberColumn['invalid']
  readonly #readNumber: typeof numberIn

  constructor(readNumber: typeof numberIn, values: Float64Array) {
    this.#readNumber = readNumber
    this.#values = values
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
    const shortened = (): Float64Array =>
      isSnug ? this.#values.subarray(0, this.#rows) : this.#values.slice(0, this.#rows)
    const values = unused === 0 ? this.#values : shortened()
    const column = { kind: 'number' as const, name, values }
    return this.#invalid ? { ...column, invalid: this.#invalid } : column
  }
}

/** Strings that are compared with each other one by one: a map of its own takes more than they do. */
const FEW_ROWS = 12

class GrowingStrings {
  #values: string[] = []
  /** One copy of each distinct string, instead of one a row; made when there are more than a few rows. */
  #known: Map<string, string> | undefined
  #letters = 0

  add(cell: Cell): void {
    const text = cell === undefined ? '' : String(cell)
    const kept = this.#keptCopy(text)
    if (kept === undefined) {
      this.#known?.set(text, text)
      this.#letters += text.length
    }
    this.#values.push(kept ?? text)
  }

  #keptCopy(text: string): string | undefined {
    if (this.#known) return this.#known.get(text)
    if (this.#values.length >= FEW_ROWS) {
      this.#known = new Map(this.#values.map((value) => [value, value]))
      return this.#known.get(text)
    }
    return this.#values.find((value) => value === text)
  }

  get bytes(): number {
    const strings = this.#known?.size ?? this.#values.length
    return this.#values.length * CELL_BYTES + strings * STRING_BYTES + this.#letters
  }

  clear(): void {
    this.#values = []
    this.#known = undefined
    this.#letters = 0
  }

  finish(name: string): StringColumn {
    return { kind: 'string', name, values: this.#values }
  }
}
