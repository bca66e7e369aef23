import { DataError } from '../../errors.ts'
import { ownValue } from '../../own-value.ts'
import { describe, isMap } from '../../registry.ts'
import { flatRow } from '../../runtime/cell.ts'
import { cellReaders } from '../../runtime/text-form.ts'
import type { CellReader } from '../../runtime/text-form.ts'
import type { TableReading } from '../columns/reading.ts'
import { TableBuilder } from '../columns/table-builder.ts'
import type { Table } from '../table.ts'
import { addValue, addValues } from './cells.ts'
import type { ValuesBuilder } from './cells.ts'

/** Grows a table from objects: each key is a column, which may be missing in some. */
export class RecordRows {
  readonly #name: string
  readonly #table: TableBuilder
  readonly #columns = new Map<string, ValuesBuilder>()
  readonly #readers = new Map<string, CellReader>()
  readonly #readerOf: (column: string) => CellReader
  readonly #placeAt: (line: number) => string

  /** `placeAt` names the place of a line in messages. */
  constructor(name: string, reading: TableReading, placeAt = (line: number): string => `${name}:${line}`) {
    this.#name = name
    this.#placeAt = placeAt
    this.#table = new TableBuilder(name, reading, placeAt)
    const { text = {}, values } = reading
    // JSON has null for a missing value: words for it are those that a config lists.
    this.#readerOf = cellReaders({ ...text, missing_values: text.missing_values ?? [] }, values)
  }

  /** Adds a parsed value, which must be an object. */
  add(value: unknown, line: number): void {
    const place = (): string => this.#placeAt(line)
    if (!isMap(value)) {
      throw new DataError(`${place()}: ${describe(value)} is not an object such as {"x": 1, "y": 2}`)
    }
    const row = flatRow(value)
    for (const [key, first] of Object.entries(row)) {
      if (this.#columns.has(key)) continue
      this.#columns.set(key, addValues(this.#table, key, first))
      this.#readers.set(key, this.#readerOf(key))
    }
    for (const [key, column] of this.#columns) {
      addValue(column, ownValue(row, key), place, this.#readers.get(key))
    }
    this.#table.endRow(line)
  }

  get rows(): number {
    return this.#table.rows
  }

  finish(): Table {
    if (this.#table.rows === 0) throw new DataError(`${this.#name}: the file has no rows`)
    return this.#table.finish()
  }
}
