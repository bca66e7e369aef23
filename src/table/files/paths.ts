import type { Path } from '../../components/sources/options/files.ts'
import { DataError } from '../../errors.ts'
import type { ColumnType } from '../columns/column-builder.ts'
import { joinTables } from '../columns/join.ts'
import type { Parts, Table } from '../table.ts'
import type { Reading } from './file.ts'

type Read = (file: string, reading: Reading) => Promise<Table>

/** The rows of all files that a config names, in the splits that it names. */
export async function readFiles(path: Path, reading: Reading, read: Read): Promise<Parts> {
  if (typeof path === 'string' || Array.isArray(path)) {
    return { train: await readJoined([path].flat(), reading, read), notes: [] }
  }
  const train = await readJoined([path.train].flat(), reading, read)
  const others = likewise(reading, train)
  return {
    train,
    ...(path.validation && { validation: await readJoined([path.validation].flat(), others, read) }),
    ...(path.test && { test: await readJoined([path.test].flat(), others, read) }),
    notes: [],
  }
}

async function readJoined(patterns: readonly string[], reading: Reading, read: Read): Promise<Table> {
  const [first = '', ...others] = await expand(patterns, reading.directory)
  const tables = [await read(first, reading)]
  for (const file of others) tables.push(await read(file, likewise(reading, tables[0])))
  return joinTables(tables)
}

/** Columns are read as those of the same name in the first file were. */
function likewise(reading: Reading, first: Table | undefined): Reading {
  const types = new Map<string, ColumnType>()
  for (const { name, kind } of first?.columns ?? []) if (kind !== 'array') types.set(name, kind)
  return { ...reading, types }
}

/** The files that paths and patterns stand for, in order; those of a pattern are sorted by name. */
export async function expand(patterns: readonly string[], directory: string): Promise<string[]> {
  const files: string[] = []
  for (const pattern of patterns) {
    if (!/[*?[\]{}]/.test(pattern)) files.push(pattern)
    else files.push(...(await matching(pattern, directory)))
  }
  return files
}

async function matching(pattern: string, directory: string): Promise<string[]> {
  const { escapePath, glob } = await import('tinyglobby')
  const options = { cwd: directory, expandDirectories: false, followSymbolicLinks: true }
  const files = await glob(pattern, options)
  // A file may really be called data[1].csv.
  const found = files.length > 0 ? files : await glob(escapePath(pattern), options)
  if (found.length > 0) return found.sort()
  throw new DataError(`${pattern}: no file matches this pattern in ${directory}`)
}
