import type { ColumnType } from '../../table/columns/column-builder.ts'
import { joinTables } from '../../table/columns/join.ts'
import { expand } from '../../table/files/patterns.ts'
import type { DividedTables, Table } from '../../table/table.ts'
import { dividedPath } from './options/files.ts'
import type { Divided, Path } from './options/files.ts'
import type { SourceReading } from './source.ts'

/** Reads the rows of all files that a config names, in the splits that it names. */
export function readFiles(
  path: Path,
  reading: SourceReading,
  read: (file: string, reading: SourceReading) => Promise<Table>,
): Promise<DividedTables> {
  return readSplits(dividedPath(path), async (patterns, train) => {
    const [first = '', ...others] = await expand([patterns].flat(), reading.directory)
    const tables = [await read(first, train ? likewise(reading, train) : reading)]
    for (const file of others) tables.push(await read(file, likewise(reading, tables[0])))
    return joinTables(tables)
  })
}

/** Reads each split that has a path of its own, the training rows first. */
export async function readSplits<P>(
  { train: path, validation, test }: Divided<P>,
  read: (path: P, train?: Table) => Promise<Table>,
): Promise<DividedTables> {
  const train = await read(path)
  const others = {
    ...(validation !== undefined && { validation: await read(validation, train) }),
    ...(test !== undefined && { test: await read(test, train) }),
  }
  return {
    train,
    ...others,
    notes: [train, others.validation, others.test].flatMap((one) => one?.notes ?? []),
  }
}

/** Columns are read as those of the same name in the first file were. */
function likewise(reading: SourceReading, first: Table | undefined): SourceReading {
  const types = new Map<string, ColumnType>()
  for (const { name, kind } of first?.columns ?? []) if (kind !== 'array') types.set(name, kind)
  return { ...reading, types }
}
