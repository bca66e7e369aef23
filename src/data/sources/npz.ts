import { basename } from 'node:path'
import { DataError } from '../../errors.ts'
import { displayName, readBytes } from '../file.ts'
import { parseNpy } from '../npy-format.ts'
import { expand } from '../paths.ts'
import { list, quote, sizeOf } from '../table.ts'
import { zipEntries } from '../zip.ts'
import type { NpzSpec } from '../../spec/data/npz.ts'
import type { Reading } from '../file.ts'
import type { Column, Parts, Table } from '../table.ts'

/** The ends of names that tell splits apart, as in Keras's mnist.npz. */
const parts = { _train: 'train', _validation: 'validation', _val: 'validation', _test: 'test' } as const

/** NumPy's arrays as columns: several files bring more arrays, not more rows. */
export async function readNpz({ path }: Pick<NpzSpec, 'path'>, reading: Reading): Promise<Parts> {
  const found: Record<'train' | 'validation' | 'test', Column[]> = { train: [], validation: [], test: [] }
  const files: string[] = []
  const divided = typeof path === 'string' || Array.isArray(path) ? { train: path } : path
  for (const part of ['train', 'validation', 'test'] as const) {
    for (const file of await expand([divided[part] ?? []].flat(), reading.directory)) {
      files.push(displayName(file))
      for (const column of await readColumns(file, reading)) {
        const end = Object.entries(parts).find(([suffix]) => column.name.endsWith(suffix))
        const name = end ? column.name.slice(0, -end[0].length) : column.name
        found[end && part === 'train' ? end[1] : part].push({ ...column, name })
      }
    }
  }
  const name = list(files)
  const [only, ...rest] = Object.values(found).filter((columns) => columns.length > 0)
  if (!only) throw new DataError(`${name}: there are no arrays in it`)
  if (rest.length === 0) return { train: tableOf(name, only), notes: [] }
  if (found.train.length === 0) throw new DataError(`${name}: there are no arrays of training rows`)
  return {
    train: tableOf(name, found.train),
    ...(found.validation.length > 0 && { validation: tableOf(name, found.validation) }),
    ...(found.test.length > 0 && { test: tableOf(name, found.test) }),
    notes: [],
  }
}

async function readColumns(path: string, reading: Reading): Promise<Column[]> {
  const bytes = await readBytes(path, reading)
  const name = displayName(path)
  if (bytes[0] === 0x93) return [parseNpy(bytes, basename(path).replace(/\.npy$/, ''), name)]
  const columns: Column[] = []
  for (const entry of zipEntries(bytes, name)) {
    const array = entry.name.replace(/\.npy$/, '')
    columns.push(parseNpy(await entry.bytes(), array, `${name}: ${array}`))
  }
  return columns
}

function tableOf(name: string, columns: readonly Column[]): Table {
  const [first] = columns
  const rows = first ? rowsOf(first) : 0
  for (const [i, column] of columns.entries()) {
    if (columns.findIndex((other) => other.name === column.name) < i)
      throw new DataError(`${name}: there are two arrays ${quote(column.name)}`)
    if (rowsOf(column) === rows) continue
    throw new DataError(
      `${name}: the array ${quote(column.name)} has ${rowsOf(column)} rows, but ${quote(first?.name ?? '')} has ${rows}`,
    )
  }
  return { name, rows, columns, place: (row) => `${name}: row ${row + 1}` }
}

function rowsOf(column: Column): number {
  return column.kind === 'array' ? column.values.length / sizeOf(column.shape) : column.values.length
}
