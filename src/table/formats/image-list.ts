import { isAbsolute, join } from 'node:path'

import { DataError } from '../../errors.ts'
import { stringOf } from '../../runtime/cell.ts'
import { readColumns } from '../columns/column-reader.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import { inMemory } from '../columns/pick.ts'
import type { TableReading } from '../columns/reading.ts'
import { findColumn } from '../table.ts'
import type { Column, Table } from '../table.ts'
import { imageReader } from './image-folders.ts'
import type { ImageForm } from './image-folders.ts'

/** The columns of a table that name the image of each row and hold what else is used of it. */
export type ImageList = {
  /** Default: the first column. */
  image: string | undefined
  columns: readonly string[]
}

/** Bytes of a cell of the other columns in memory. */
const CELL_BYTES = 8

/** Reads the images that a table names, from a folder, as [height, width, channels] beside other columns of the table. */
export async function readListedImages(
  folder: string,
  table: Table,
  { image = table.columns[0]?.name ?? '', columns }: ImageList,
  { size: [height, width], channels, limit = Infinity }: ImageForm,
  reading: TableReading,
): Promise<Table> {
  const names = Array.from(findColumn(table, image, 'data.table.image').values, stringOf).slice(0, limit)
  const files = names.map((name, row) => {
    if (name === '') throw new DataError(`${table.place(row)}: the column "${image}" names no image`)
    return { label: '', path: isAbsolute(name) ? name : join(folder, name) }
  })
  const others = columns.map((name) => cellReader(findColumn(table, name, 'data.table.target'), files.length))
  const file = (row: number): string => files[row]?.path ?? folder
  return readColumns(
    { name: table.name, place: (row) => table.place(row), file },
    [imageReader(files, [height, width, channels], reading), ...others],
    reading.spool,
  )
}

/** Reads a column that is there already. */
function cellReader(column: Column, rows: number): ColumnReader {
  let position = 0
  return {
    rows,
    rowBytes: CELL_BYTES,
    read(count) {
      const start = position
      position += count
      return Promise.resolve(
        inMemory(
          column,
          Uint32Array.from({ length: count }, (_, i) => start + i),
        ),
      )
    },
  }
}
