import type { NamedColumn } from '../exchange/program.ts'
import { sizeOf } from '../ir/ir.ts'
import { stringOf } from '../runtime/cell.ts'
import { rawColumns } from '../runtime/columns.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import { findColumn } from '../table/table.ts'
import type { Table } from '../table/table.ts'

/** The columns of some rows that a model is made for, before any transform. */
export function rowsAsRead(table: Table, rows: Uint32Array, preprocessing: Preprocessing): NamedColumn[] {
  return rawColumns(preprocessing).map(({ name, kind, shape }) => {
    const { values } = findColumn(table, name, 'the model')
    const size = sizeOf(shape)
    const data =
      kind === 'string'
        ? Array.from(rows, (row) => stringOf(values[row]))
        : Float64Array.from({ length: rows.length * size }, (_, i) =>
            Number(values[(rows[Math.floor(i / size)] ?? 0) * size + (i % size)] ?? NaN),
          )
    return { name, shape: [rows.length, ...shape], data }
  })
}
