import { DataError } from '../../errors.ts'
import type { Column, Table } from '../table.ts'
import { tableOfBlocks } from './join.ts'
import type { Spool } from './spool.ts'
import { storeTable } from './stored-column.ts'

/** A column whose length and types are known before its rows are read, from the first to the last. */
export type ColumnReader = {
  rows: number
  /** Bytes of a row in memory. */
  rowBytes: number
  /** The next rows. */
  read(count: number): Promise<Column>
  /** Refuses bytes after the last row, once that is read. */
  finish?(): Promise<void>
}

/** The most bytes that are read at once. */
const MOST_BYTES = 2 ** 31

/** Reads columns with equal numbers of rows: into memory, or block by block to disk where memory has no room. */
export async function readColumns(
  { name, place, file: fileAt }: Pick<Table, 'name' | 'place' | 'file'>,
  readers: readonly ColumnReader[],
  spool: Spool | undefined,
): Promise<Table> {
  const rows = readers[0]?.rows ?? 0
  const rowBytes = readers.reduce((sum, reader) => sum + reader.rowBytes, 0)
  const next = async (start: number, count: number): Promise<Table> => ({
    name,
    rows: count,
    columns: await Promise.all(readers.map((reader) => reader.read(count))),
    place: (row) => place(start + row),
    ...(fileAt && { file: (row: number) => fileAt(start + row) }),
  })
  const isWhole = !spool || spool.hold(rows * rowBytes)
  const count = isWhole ? rows : Math.max(1, Math.floor(spool.blockBytes(true) / rowBytes))
  if (count * rowBytes > MOST_BYTES) throw tooLarge(name, isWhole, count, rowBytes)
  const blocks: Table[] = []
  const file = isWhole ? undefined : spool.open()
  for (let start = 0; start < rows; start += count) {
    const block = await next(start, Math.min(count, rows - start))
    blocks.push(file ? storeTable(file, block) : block)
  }
  for (const reader of readers) await reader.finish?.()
  const [only] = blocks
  return isWhole && only ? only : tableOfBlocks(name, blocks)
}

function tooLarge(name: string, isWhole: boolean, rows: number, rowBytes: number): DataError {
  const what = isWhole ? `${rows} rows of ${rowBytes}` : `rows of ${rowBytes}`
  return new DataError(`${name}: ${what} bytes are announced; at most 2 GB can be read at once`)
}
