import { sourceOf } from '../../components/sources/index.ts'
import type { Selection } from '../../components/sources/selection.ts'
import type { SourceReading } from '../../components/sources/source.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { openSpool } from '../../table/columns/spool.ts'
import type { Spool } from '../../table/columns/spool.ts'
import type { DividedTables } from '../../table/table.ts'
import { listedValues, stringColumns } from '../fit/roles.ts'
import { chosenRows } from './chosen-rows.ts'

/** The rows of a config as its source yields them. */
export type ReadData = DividedTables & {
  selection: Selection
  /** Holds rows beyond data.memory; undefined if the source always takes the memory that it needs. */
  spool: Spool | undefined
}

export async function readData(
  spec: DataSpec,
  options: Pick<SourceReading, 'directory' | 'stdin' | 'datasets' | 'fingerprint'>,
): Promise<ReadData> {
  const source = sourceOf(spec)
  const selection = source.selection(spec)
  const memory = source.memory(spec)
  const spool = memory === undefined ? undefined : openSpool(memory, options.datasets?.cache)
  try {
    const reading = { ...options, types: stringColumns(selection), values: listedValues(selection), spool }
    const tables = await source.read(spec, reading)
    const choice = { where: selection.where, limit: spec.limit }
    if (choice.where ?? choice.limit) options.fingerprint?.update(JSON.stringify(choice))
    return { ...chosenRows(tables, choice), selection, spool }
  } catch (error) {
    spool?.close()
    throw error
  }
}
