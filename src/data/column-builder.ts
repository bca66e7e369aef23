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
  private column: Growing | undefined

  constructor(name: string, type: ColumnType | undefined) {
    this.name = name
    this.column = type && growing(type)
  }

  add(cell: Cell): void {
    if (this.column) return this.column.add(cell)
    this.pending.push(cell)
    if (cell !== undefined && ++this.present === SAMPLE) this.decide()
  }

  finish(): NumberColumn | TextColumn {
    return (this.column ?? this.decide()).finish(this.name)
  }

  private decide(): Growing {
    const present = this.pending.filter((cell) => cell !== undefined)
    const numbers = present.filter((cell) => numberIn(cell) !== undefined).length
    const column = growing(numbers * 2 >= present.length ? 'number' : 'text')
    for (const cell of this.pending) column.add(cell)
    this.pending = []
    this.column = column
    return column
  }
}

type Growing = { add(cell: Cell): void; finish(name: string): NumberColumn | TextColumn }

function growing(type: ColumnType): Growing {
  return type === 'number' ? growingNumbers() : growingTexts()
}

function growingNumbers(): Growing {
  let values = new Float64Array(64)
  let rows = 0
  let invalid: NumberColumn['invalid']
  return {
    add(cell) {
      if (rows === values.length) {
        const larger = new Float64Array(rows * 2)
        larger.set(values)
        values = larger
      }
      const number = cell === undefined ? NaN : (numberIn(cell) ?? Infinity)
      const isValid = cell === undefined || Number.isFinite(number)
      if (!isValid) invalid ??= { row: rows, text: String(cell) }
      values[rows++] = isValid ? number : NaN
    },
    finish(name) {
      const column = { kind: 'number' as const, name, values: values.slice(0, rows) }
      return invalid ? { ...column, invalid } : column
    },
  }
}

function growingTexts(): Growing {
  const values: string[] = []
  // One copy of each distinct text, instead of one a row.
  const known = new Map<string, string>()
  return {
    add(cell) {
      const text = cell === undefined ? '' : String(cell)
      const kept = known.get(text)
      if (kept === undefined) known.set(text, text)
      values.push(kept ?? text)
    },
    finish: (name) => ({ kind: 'text', name, values }),
  }
}
