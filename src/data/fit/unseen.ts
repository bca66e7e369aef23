import { encodingOf } from '../../runtime/encodings/index.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'

/** The values of a column that training did not see, by their rows in the table. */
export type UnseenValues = { readonly column: string; readonly values: ReadonlyMap<number, string> }

/** The values of the features that training did not see, where the config does not refuse them. */
export function unseenIn(table: Table, rows: Uint32Array, { inputs }: Preprocessing): UnseenValues[] {
  const found: UnseenValues[] = []
  for (const feature of inputs.flatMap(({ features }) => features)) {
    if (feature.kind !== 'encoded') continue
    const { column } = feature
    const encoding = encodingOf(feature)
    const values = new Map<number, string>()
    for (const block of encoding.isUnseen ? blocksWith(table, rows) : []) {
      const strings = findColumn(block.table, column, 'the model').values
      for (const row of block.rows) {
        const string = String(strings[row] ?? '')
        if (encoding.isUnseen?.(string) === true) values.set(block.start + row, string)
      }
    }
    if (values.size > 0) found.push({ column, values })
  }
  return found
}

/** A note on values that training did not see: their number, their columns and which they are. */
export function unseenNote(
  table: Table,
  rows: Uint32Array,
  unseen: readonly UnseenValues[],
): string | undefined {
  if (unseen.length === 0) return undefined
  const marked = new Set(unseen.flatMap(({ values }) => [...values.keys()]))
  const columns = unseen.map(({ column, values }) => {
    const counts = new Map<string, number>()
    for (const string of values.values()) counts.set(string, (counts.get(string) ?? 0) + 1)
    const shown = [...counts].map(([string, count]) => `${quote(string)} (${counted(count, 'row')})`)
    return `${column} ${list(shown)}`
  })
  return `${table.name}: ${marked.size} of ${counted(rows.length, 'row')} ${marked.size === 1 ? 'has' : 'have'} values that the training rows lack: ${columns.join('; ')}`
}
