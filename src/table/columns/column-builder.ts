import { doubled } from '../../growing.ts'
import { numberIn } from '../../runtime/cell.ts'
import type { Cell } from '../../runtime/cell.ts'
import type { Column, NumberColumn, StringColumn } from '../table.ts'
import type { SpoolFile } from './spool-file.ts'
import { storeColumn } from './stored-column.ts'

export type ColumnType = 'number' | 'string'

/** How many values are looked at before a column is taken for numbers or texts. */
const SAMPLE = 100

/** What a number takes in memory, or the place of a text. */
const CELL_BYTES = 8
/** What each distinct text takes besides its letters. */
const STRING_BYTES = 80

/**
 * Grows one column cell by cell. Unless the type is told, the column is one of numbers when at least half of its first
 * hundred values are numbers: a stray text in it is then a mistake to report, not a reason to read all numbers as texts.
 */
export class ColumnBuilder {
  readonly name: string
  /** The first values, and all cells so far, until they are enough to tell the type. */
  private readonly sample: (number | string)[] = []
  private pending: Cell[] = []
  private column: GrowingNumbers | GrowingStrings | undefined

  constructor(name: string, type: ColumnType | undefined) {
    this.name = name
    this.column = type && growing(type)
  }

  /** Where numbers can be added without a look at their spelling, once that is known. */
  get numbers(): GrowingNumbers | undefined {
    return this.column instanceof GrowingNumbers ? this.column : undefined
  }

  /** What the cells take of the memory. */
  get bytes(): number {
    return this.column?.bytes ?? this.pending.length * CELL_BYTES
  }

  add(cell: Cell): void {
    if (this.column) return this.column.add(cell)
    this.pending.push(cell)
    if (cell !== undefined && this.sample.push(cell) === SAMPLE) this.decide()
  }

  finish(): NumberColumn | StringColumn {
    return (this.column ?? this.decide()).finish(this.name)
  }

  /**
   * Puts the cells so far on disk and begins anew. While the type is not known there are few values among them, which
   * are kept: the column is to be asked for when the last cell was added.
   */
  cut(file: SpoolFile): () => Column {
    if (this.column) {
      const stored = storeColumn(file, this.column.finish(this.name))
      this.column.clear()
      return () => stored
    }
    const rows = this.pending.length
    const values = new Map([...this.pending.entries()].filter(([, cell]) => cell !== undefined))
    this.pending = []
    return () => {
      const column = growing((this.column ?? this.decide()) instanceof GrowingNumbers ? 'number' : 'string')
      for (let row = 0; row < rows; row++) column.add(values.get(row))
      return storeColumn(file, column.finish(this.name))
    }
  }

  private decide(): GrowingNumbers | GrowingStrings {
    const numbers = this.sample.filter((cell) => numberIn(cell) !== undefined).length
    const column = growing(numbers * 2 >= this.sample.length ? 'number' : 'string')
    for (const cell of this.pending) column.add(cell)
    this.pending = []
    this.column = column
    return column
  }
}

function growing(type: ColumnType): GrowingNumbers | GrowingStrings {
  return type === 'number' ? new GrowingNumbers() : new GrowingStrings()
}

class GrowingNumbers {
  private values = new Float64Array(64)
  private rows = 0
  private invalid: NumberColumn['invalid']

  add(cell: Cell): void {
    const number = cell === undefined ? NaN : (numberIn(cell) ?? Infinity)
    const isValid = cell === undefined || Number.isFinite(number)
    if (!isValid) this.invalid ??= { row: this.rows, text: String(cell) }
    this.push(isValid ? number : NaN)
  }

  push(number: number): void {
    if (this.rows === this.values.length) this.values = doubled(this.values)
    this.values[this.rows++] = number
  }

  get bytes(): number {
    return this.rows * CELL_BYTES
  }

  clear(): void {
    this.values = new Float64Array(64)
    this.rows = 0
    this.invalid = undefined
  }

  finish(name: string): NumberColumn {
    // A little room left over is no reason to copy the numbers.
    const isSnug = this.values.length - this.rows < this.values.length / 8
    const values = isSnug ? this.values.subarray(0, this.rows) : this.values.slice(0, this.rows)
    const column = { kind: 'number' as const, name, values }
    return this.invalid ? { ...column, invalid: this.invalid } : column
  }
}

class GrowingStrings {
  private values: string[] = []
  /** One copy of each distinct text, instead of one a row. */
  private readonly known = new Map<string, string>()
  private letters = 0

  add(cell: Cell): void {
    const text = cell === undefined ? '' : String(cell)
    const kept = this.known.get(text)
    if (kept === undefined) {
      this.known.set(text, text)
      this.letters += text.length
    }
    this.values.push(kept ?? text)
  }

  get bytes(): number {
    return this.values.length * CELL_BYTES + this.known.size * STRING_BYTES + this.letters
  }

  clear(): void {
    this.values = []
    this.known.clear()
    this.letters = 0
  }

  finish(name: string): StringColumn {
    return { kind: 'string', name, values: this.values }
  }
}
