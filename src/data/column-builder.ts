import { numberIn } from './cell.ts'
import type { Cell } from './cell.ts'
import type { NumberColumn, TextColumn } from './table.ts'

export type ColumnType = 'number' | 'text'

/** How many values are looked at before a column is taken for numbers or texts. */
const SAMPLE = 100

/**
 * Grows one column cell by cell. Unless the type is told, the column is one of numbers when at least half of its first
 * hundred values are numbers: a stray text in it is then a mistake to report, not a reason to read all numbers as texts.
 */
export class ColumnBuilder {
  readonly name: string
  private pending: Cell[] = []
  private present = 0
  private column: GrowingNumbers | GrowingTexts | undefined

  constructor(name: string, type: ColumnType | undefined) {
    this.name = name
    this.column = type && growing(type)
  }

  /** Where numbers can be added without a look at their spelling, once that is known. */
  get numbers(): GrowingNumbers | undefined {
    return this.column instanceof GrowingNumbers ? this.column : undefined
  }

  add(cell: Cell): void {
    if (this.column) return this.column.add(cell)
    this.pending.push(cell)
    if (cell !== undefined && ++this.present === SAMPLE) this.decide()
  }

  /** Makes room for so many rows at once. */
  reserve(rows: number): void {
    this.numbers?.reserve(rows)
  }

  finish(): NumberColumn | TextColumn {
    return (this.column ?? this.decide()).finish(this.name)
  }

  private decide(): GrowingNumbers | GrowingTexts {
    const present = this.pending.filter((cell) => cell !== undefined)
    const numbers = present.filter((cell) => numberIn(cell) !== undefined).length
    const column = growing(numbers * 2 >= present.length ? 'number' : 'text')
    for (const cell of this.pending) column.add(cell)
    this.pending = []
    this.column = column
    return column
  }
}

function growing(type: ColumnType): GrowingNumbers | GrowingTexts {
  return type === 'number' ? new GrowingNumbers() : new GrowingTexts()
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
    if (this.rows === this.values.length) this.reserve(this.rows * 2)
    this.values[this.rows++] = number
  }

  reserve(rows: number): void {
    if (rows <= this.values.length) return
    const larger = new Float64Array(rows)
    larger.set(this.values.subarray(0, this.rows))
    this.values = larger
  }

  finish(name: string): NumberColumn {
    // A little room left over is no reason to copy the numbers.
    const isSnug = this.values.length - this.rows < this.values.length / 8
    const values = isSnug ? this.values.subarray(0, this.rows) : this.values.slice(0, this.rows)
    const column = { kind: 'number' as const, name, values }
    return this.invalid ? { ...column, invalid: this.invalid } : column
  }
}

class GrowingTexts {
  private readonly values: string[] = []
  /** One copy of each distinct text, instead of one a row. */
  private readonly known = new Map<string, string>()

  add(cell: Cell): void {
    const text = cell === undefined ? '' : String(cell)
    const kept = this.known.get(text)
    if (kept === undefined) this.known.set(text, text)
    this.values.push(kept ?? text)
  }

  finish(name: string): TextColumn {
    return { kind: 'text', name, values: this.values }
  }
}
