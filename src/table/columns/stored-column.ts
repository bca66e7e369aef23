import type { ArrayColumn, Column, NumberColumn, StringColumn, Table } from '../table.ts'
import type { SpoolFile } from './spool-file.ts'
import { likeOf } from './typed-array.ts'

/** Writes the columns of a table to disk. */
export function storeTable(file: SpoolFile, table: Table): Table {
  return { ...table, columns: table.columns.map((column) => storeColumn(file, column)) }
}

/** Writes a column to disk; the one that is returned reads its values each time they are accessed. */
export function storeColumn(file: SpoolFile, column: Column): Column {
  switch (column.kind) {
    case 'number':
      return storeNumbers(file, column)
    case 'string':
      return storeStrings(file, column)
    case 'array':
      return storeArrays(file, column)
  }
}

function storeNumbers(file: SpoolFile, { kind, name, values, invalid }: NumberColumn): NumberColumn {
  const { length } = values
  const start = file.append(values)
  return {
    kind,
    name,
    ...(invalid && { invalid }),
    get values() {
      return file.readSync(start, new Float64Array(length))
    },
  }
}

function storeStrings(file: SpoolFile, { kind, name, values }: StringColumn): StringColumn {
  const { start, counts } = writeStrings(file, values)
  return {
    kind,
    name,
    get values() {
      const texts = Buffer.from(file.readSync(start.bytes, new Uint8Array(counts.bytes)).buffer)
      let end = 0
      const known = Array.from(file.readSync(start.lengths, new Uint32Array(counts.lengths)), (length) =>
        texts.toString('utf16le', end, (end += length)),
      )
      return Array.from(file.readSync(start.ids, new Uint32Array(counts.ids)), (id) => known[id] ?? '')
    },
  }
}

type Places = { ids: number; lengths: number; bytes: number }

/**
 * Writes each distinct string once, in UTF-16 as JavaScript holds it, and its number for every row. Apart from the column
 * that reads them, whose scope would keep the map of all strings in memory.
 */
function writeStrings(file: SpoolFile, values: readonly string[]): { start: Places; counts: Places } {
  const numbers = new Map<string, number>()
  const ids = Uint32Array.from(values, (text) => {
    const id = numbers.get(text) ?? numbers.size
    if (id === numbers.size) numbers.set(text, id)
    return id
  })
  const lengths = Uint32Array.from(numbers.keys(), (text) => 2 * text.length)
  const bytes = Buffer.alloc(lengths.reduce((sum, length) => sum + length, 0))
  let end = 0
  for (const text of numbers.keys()) end += bytes.write(text, end, 'utf16le')
  return {
    start: { ids: file.append(ids), lengths: file.append(lengths), bytes: file.append(bytes) },
    counts: { ids: ids.length, lengths: lengths.length, bytes: bytes.length },
  }
}

function storeArrays(file: SpoolFile, { kind, name, shape, values }: ArrayColumn): ArrayColumn {
  const { length } = values
  const start = file.append(values)
  // A copy: a view would keep the values in memory.
  const empty = values.slice(0, 0)
  return {
    kind,
    name,
    shape,
    get values() {
      return file.readSync(start, likeOf(empty, length))
    },
  }
}
