import { basename } from 'node:path'

import { DataError } from '../../errors.ts'
import { list, quote } from '../../wording.ts'
import { readColumns } from '../columns/column-reader.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import type { TableReading } from '../columns/reading.ts'
import { ByteReader } from '../files/byte-reader.ts'
import { chunksOf, displayName, openFile } from '../files/file.ts'
import type { RandomAccess } from '../files/file.ts'
import { expand } from '../files/patterns.ts'
import type { DividedTables, SplitName, Table } from '../table.ts'
import { npyReader } from './npy.ts'
import { zipEntries } from './zip.ts'

/** Suffixes of names that stand for splits, as in Keras's mnist.npz. */
const parts = { _train: 'train', _validation: 'validation', _val: 'validation', _test: 'test' } as const

type ArrayFile = { name: string; reader: ColumnReader }

/** Reads NumPy's arrays as columns: several files bring more arrays, not more rows. */
export async function readNpz(
  patterns: Readonly<Record<SplitName, readonly string[]>>,
  reading: TableReading,
): Promise<DividedTables> {
  const found: Record<SplitName, ArrayFile[]> = { train: [], validation: [], test: [] }
  const names: string[] = []
  const files: RandomAccess[] = []
  try {
    for (const part of ['train', 'validation', 'test'] as const) {
      for (const path of await expand(patterns[part], reading.directory)) {
        const file = await openFile(path, reading)
        files.push(file)
        names.push(displayName(path))
        for (const array of await arraysIn(file, path)) {
          const end = Object.entries(parts).find(([suffix]) => array.name.endsWith(suffix))
          const name = end ? array.name.slice(0, -end[0].length) : array.name
          found[end && part === 'train' ? end[1] : part].push({ ...array, name })
        }
      }
    }
    return await readFound(list(names), found, reading)
  } finally {
    for (const file of files) await file.close()
  }
}

async function readFound(
  name: string,
  found: Record<SplitName, readonly ArrayFile[]>,
  { spool }: TableReading,
): Promise<DividedTables> {
  const [only, ...rest] = Object.values(found).filter((arrays) => arrays.length > 0)
  if (!only) throw new DataError(`${name}: there are no arrays in it`)
  if (rest.length === 0) return { train: await readTable(name, only, spool), notes: [] }
  if (found.train.length === 0) throw new DataError(`${name}: there are no arrays of training rows`)
  const { train, validation, test } = found
  return {
    train: await readTable(name, train, spool),
    ...(validation.length > 0 && { validation: await readTable(name, validation, spool) }),
    ...(test.length > 0 && { test: await readTable(name, test, spool) }),
    notes: [],
  }
}

async function arraysIn(file: RandomAccess, path: string): Promise<ArrayFile[]> {
  const name = displayName(path)
  const [first] = await file.read(0, 1)
  if (first === 0x93) {
    const column = basename(path).replace(/\.npy$/, '')
    const bytes = new ByteReader(chunksOf(file, 0, file.size))
    return [{ name: column, reader: await npyReader(bytes, column, name) }]
  }
  const arrays: ArrayFile[] = []
  for (const entry of await zipEntries(file, name)) {
    const column = entry.name.replace(/\.npy$/, '')
    const bytes = new ByteReader(entry.bytes())
    arrays.push({ name: column, reader: await npyReader(bytes, column, `${name}: ${column}`) })
  }
  return arrays
}

async function readTable(
  name: string,
  arrays: readonly ArrayFile[],
  spool: TableReading['spool'],
): Promise<Table> {
  const [first] = arrays
  const rows = first?.reader.rows ?? 0
  for (const [i, array] of arrays.entries()) {
    if (arrays.findIndex((other) => other.name === array.name) < i)
      throw new DataError(`${name}: there are two arrays ${quote(array.name)}`)
    if (array.reader.rows === rows) continue
    throw new DataError(
      `${name}: the array ${quote(array.name)} has ${array.reader.rows} rows, but ${quote(first?.name ?? '')} has ${rows}`,
    )
  }
  const place = (row: number): string => `${name}: row ${row + 1}`
  return readColumns({ name, place }, arrays.map(named), spool)
}

/** Renames the column of an array, without the suffix of its split. */
function named({ name, reader }: ArrayFile): ColumnReader {
  return { ...reader, read: async (count) => ({ ...(await reader.read(count)), name }) }
}
