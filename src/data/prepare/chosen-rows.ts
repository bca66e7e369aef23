import type { Listed, RowCondition, Where } from '../../components/sources/options/where.ts'
import { DataError } from '../../errors.ts'
import { stringOf } from '../../runtime/cell.ts'
import { placeIn } from '../../runtime/encodings/categories.ts'
import { secondsOfDate } from '../../runtime/encodings/date.ts'
import { blocksOf } from '../../table/columns/blocks.ts'
import { pickRows } from '../../table/columns/pick.ts'
import type { Spool } from '../../table/columns/spool.ts'
import { scalarsOf } from '../../table/table.ts'
import type { DividedTables, Table } from '../../table/table.ts'
import { list } from '../../wording.ts'
import { inOrder } from '../rows/in-order.ts'

/** The rows that a config uses, of each table: those that meet its conditions, and of these the first up to its limit. */
export function chosenRows(
  tables: DividedTables,
  { where, limit }: { where: Where | undefined; limit: number | undefined },
  spool: Spool | undefined,
): DividedTables {
  const notes: string[] = []
  const choose = (table: Table): Table => {
    const met = where ? pickRows(table, rowsWhere(table, where), spool) : table
    if (where) notes.push(`${table.name}: ${met.rows} of ${table.rows} rows meet data.where`)
    if (limit === undefined || met.rows <= limit) return met
    notes.push(`${table.name}: the first ${limit} of ${met.rows} rows are used, as data.limit says`)
    return pickRows(met, inOrder(0, limit), spool)
  }
  const { train, validation, test } = tables
  const chosen = {
    train: choose(train),
    ...(validation && { validation: choose(validation) }),
    ...(test && { test: choose(test) }),
  }
  return { ...chosen, notes: [...tables.notes, ...notes] }
}

/** The number of values that a message shows. */
const SHOWN = 10

/** The rows that meet all conditions; an error where there are none. */
function rowsWhere(table: Table, where: Where): Uint32Array {
  const meets = new Uint8Array(table.rows).fill(1)
  for (const [name, condition] of Object.entries(where)) {
    const seen = new Set<string>()
    const holds = testOf(condition)
    let met = 0
    for (const { row, value } of valuesOf(table, name)) {
      if (seen.size < SHOWN) seen.add(stringOf(value))
      if (holds(value)) met += 1
      else meets[row] = 0
    }
    if (met > 0) continue
    const hint = `${name} holds values such as ${list([...seen])}`
    throw new DataError(`${table.name}: no row meets data.where.${name}`, { hint })
  }
  const rows = inOrder(0, table.rows).filter((row) => meets[row] === 1)
  if (rows.length > 0) return rows
  throw new DataError(`${table.name}: no row meets all of data.where: ${list(Object.keys(where))}`)
}

function* valuesOf(table: Table, name: string): Generator<{ row: number; value: number | string }> {
  for (const { table: block, start } of blocksOf(table)) {
    for (const [row, value] of scalarsOf(block, name, 'data.where').entries())
      yield { row: start + row, value }
  }
}

/** Tells whether a value meets a condition. */
function testOf(condition: RowCondition): (value: number | string) => boolean {
  if (typeof condition !== 'object' || Array.isArray(condition)) return isAmong(condition)
  const { min, max, not } = condition
  const isExcluded = not === undefined ? () => false : isAmong(not)
  const low = min === undefined ? undefined : boundOf(min)
  const high = max === undefined ? undefined : boundOf(max, true)
  return (value) => {
    if (isExcluded(value)) return false
    if (low === undefined && high === undefined) return true
    const number = typeof value === 'number' ? value : (secondsOfDate(value) ?? NaN)
    return (
      Number.isFinite(number) &&
      !(low !== undefined && number < low) &&
      !(high !== undefined && number > high)
    )
  }
}

function isAmong(listed: Listed): (value: number | string) => boolean {
  const placeOf = placeIn([listed].flat().map(String))
  return (value) => placeOf(stringOf(value)) !== undefined
}

/** A number, or the seconds of a date, whose day belongs to it whole where it is the last. */
function boundOf(bound: number | string, isLast = false): number {
  if (typeof bound === 'number') return bound
  const wholeDay = isLast && !bound.includes(':') ? LAST_OF_DAY : 0
  return (secondsOfDate(bound) ?? NaN) + wholeDay
}

/** Seconds from midnight to the end of a day. */
const LAST_OF_DAY = 24 * 60 * 60 - 1e-3
