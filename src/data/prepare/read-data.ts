import { sourceOf } from '../../components/sources/index.ts'
import type { Join } from '../../components/sources/options/files.ts'
import type { Selection } from '../../components/sources/selection.ts'
import type { SourceReading } from '../../components/sources/source.ts'
import { parseSize } from '../../byte-size.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { Spool } from '../../table/columns/spool.ts'
import { leftJoin } from '../../table/columns/left-join.ts'
import type { DividedTables, Table } from '../../table/table.ts'
import { counted } from '../../wording.ts'
import { listedValues, stringColumns } from '../fit/roles.ts'
import { chosenRows } from './chosen-rows.ts'

/** The rows of a config as its source yields them. */
export type ReadData = DividedTables & {
  selection: Selection
  /** Holds rows beyond data.memory; undefined if the source always takes the memory that it needs. */
  spool: Spool | undefined
}

export type ReadOptions = Pick<SourceReading, 'directory' | 'stdin' | 'datasets'> & {
  /**
   * A job whose ranks each train on some of the rows at a time, which they read from disk; those on this machine share
   * data.memory. Default: this process alone trains on all rows.
   */
  readonly job?: { readonly local: number } | undefined
}

export async function readData(
  spec: DataSpec,
  { job, ...options }: ReadOptions & Pick<SourceReading, 'fingerprint'>,
): Promise<ReadData> {
  const source = sourceOf(spec)
  const selection = source.selection(spec)
  const spool = spoolFor(source.memory(spec), options.datasets?.cache, job)
  try {
    const reading = { ...options, types: stringColumns(selection), values: listedValues(selection), spool }
    const read = await source.read(spec, reading)
    const readOther = (path: Join['path']): Promise<DividedTables> => {
      const other = { ...spec, path }
      return source.read(other, reading)
    }
    const tables = selection.join ? await joined(read, selection.join, readOther) : read
    const choice = { where: selection.where, limit: spec.limit }
    if (choice.where ?? choice.limit) options.fingerprint?.update(JSON.stringify(choice))
    return { ...chosenRows(tables, choice, spool), selection, spool }
  } catch (error) {
    spool?.close()
    throw error
  }
}

function spoolFor(
  memory: string | undefined,
  cache: string | undefined,
  job: ReadOptions['job'],
): Spool | undefined {
  if (memory === undefined) return undefined
  return new Spool(parseSize(memory) / (job?.local ?? 1), cache, job !== undefined)
}

/** Tables with the further columns of their rows. */
async function joined(
  { notes, ...tables }: DividedTables,
  { path, on }: Join,
  read: (path: Join['path']) => Promise<DividedTables>,
): Promise<DividedTables> {
  const { train: other } = await read(path)
  const lone: string[] = []
  const join = (table: Table): Table => {
    const { table: wider, alone } = leftJoin(table, other, on)
    if (alone > 0)
      lone.push(
        `${table.name}: ${alone} of ${counted(table.rows, 'row')} have a key that ${other.name} lacks`,
      )
    return wider
  }
  const { train, validation, test } = tables
  return {
    train: join(train),
    ...(validation && { validation: join(validation) }),
    ...(test && { test: join(test) }),
    notes: [...notes, ...lone],
  }
}
