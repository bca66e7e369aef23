import { numberReader } from '../../runtime/number-format.ts'
import type { Column, Table } from '../table.ts'
import { ArrayBuilder } from './array-builder.ts'
import { ColumnBuilder, NumberRoom } from './column-builder.ts'
import type { ColumnType } from './column-builder.ts'
import { tableOfBlocks } from './join.ts'
import type { TableReading } from './reading.ts'
import type { SpoolFile } from './spool-file.ts'
import type { Spool } from './spool.ts'

/** The number of rows between two checks of their memory. */
const CHECKED = 64

type PendingBlock = { rows: number; columns: (() => Column)[]; lines: () => Column }

/** Grows a table row by row. One that memory has no room for goes to disk, block by block. */
export class TableBuilder {
  readonly #columns: (ColumnBuilder | ArrayBuilder)[] = []
  readonly #name: string
  readonly #spool: Spool | undefined
  readonly #types: TableReading['types']
  readonly #readNumber: ReturnType<typeof numberReader>
  readonly #index: string[] = []
  readonly #placeAt: (line: number) => string
  /** The line that each row starts on. */
  readonly #lines = new ColumnBuilder('line', 'number')
  readonly #blocks: PendingBlock[] = []
  #file: SpoolFile | undefined
  /** The rows since the last block. */
  #rows = 0

  /** `placeAt` names the place of a line in messages. */
  constructor(
    name: string,
    reading: Pick<TableReading, 'spool' | 'types' | 'text'>,
    placeAt = (line: number): string => `${name}:${line}`,
  ) {
    this.#name = name
    this.#spool = reading.spool
    this.#types = reading.types
    this.#readNumber = numberReader(reading.text ?? {})
    this.#placeAt = placeAt
  }

  get rows(): number {
    return this.#blocks.reduce((sum, { rows }) => sum + rows, this.#rows)
  }

  /** The type that a column is read as, where it is known. */
  typeOf(name: string): ColumnType | undefined {
    return this.#types?.get(name)
  }

  /** A further column, which the rows so far lack. */
  addColumn(name: string, type = this.typeOf(name)): ColumnBuilder {
    const column = new ColumnBuilder(name, type, this.#readNumber)
    const skip = (rows: number): void => {
      for (let row = 0; row < rows; row++) column.add(undefined)
    }
    for (const block of this.#blocks) {
      skip(block.rows)
      if (this.#file) block.columns.push(column.cut(this.#file))
    }
    skip(this.#rows)
    this.#columns.push(column)
    return column
  }

  /** A further column of arrays, which no row may lack. */
  addArrays(name: string, first: unknown): ArrayBuilder {
    const column = new ArrayBuilder(name, first)
    this.#columns.push(column)
    return column
  }

  /** Marks a column that another program wrote to number the rows. */
  markIndex(name: string): void {
    this.#index.push(name)
  }

  /** Ends a row after every column has got its cell. */
  endRow(line: number): void {
    this.#lines.numbers?.push(line)
    this.#rows += 1
    if (this.#rows % CHECKED === 0) this.#cutIfFull()
  }

  /** Ends `count` rows after every column has got their cells. */
  endRows(firstLine: number, count: number): void {
    for (let i = 0; i < count; i++) this.#lines.numbers?.push(firstLine + i)
    this.#rows += count
    this.#cutIfFull()
  }

  finish(): Table {
    const spool = this.#spool
    const staysInMemory = this.#blocks.length === 0 && (!spool || spool.hold(this.#bytes))
    if (staysInMemory) {
      const room = new NumberRoom()
      const columns = this.#columns.map((builder) => builder.finish(room))
      return this.#table(this.#rows, columns, this.#lines.finish())
    }
    if (spool && this.#rows > 0) this.#cut(spool)
    const joined = tableOfBlocks(
      this.#name,
      this.#blocks.map(({ rows, columns, lines }) =>
        this.#table(
          rows,
          columns.map((column) => column()),
          lines(),
        ),
      ),
    )
    return { ...joined, index: this.#index }
  }

  get #bytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.bytes, this.#lines.bytes)
  }

  #cutIfFull(): void {
    const spool = this.#spool
    if (spool && this.#bytes > spool.blockBytes(this.#blocks.length > 0)) this.#cut(spool)
  }

  #cut(spool: Spool): void {
    const file = (this.#file ??= spool.open())
    this.#blocks.push({
      rows: this.#rows,
      columns: this.#columns.map((column) => column.cut(file)),
      lines: this.#lines.cut(file),
    })
    this.#rows = 0
  }

  #table(rows: number, columns: Column[], lines: Column): Table {
    // Not `this`, which would keep every builder in memory.
    const placeAt = this.#placeAt
    const place = (row: number): string => placeAt(Number(lines.values[row]))
    return { name: this.#name, rows, columns, index: this.#index, place }
  }
}
