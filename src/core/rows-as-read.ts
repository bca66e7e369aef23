import { dayAs } from '../exchange/day-pattern.ts'
import type { NamedColumn } from '../exchange/program.ts'
import { shapePerPrediction } from '../exchange/raw.ts'
import { sizeOf } from '../ir/ir.ts'
import { ownValue } from '../own-value.ts'
import { stringOf } from '../runtime/cell.ts'
import { rawColumns } from '../runtime/columns.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import { spanOf } from '../runtime/window.ts'
import { findColumn } from '../table/table.ts'
import type { Table } from '../table/table.ts'

/**
 * The columns of some rows, or of windows of rows, that a model is made for, before any transform. Days are written as
 * in the file, so that what reads them is compared too.
 */
export function rowsAsRead(
  table: Table,
  rows: readonly number[],
  preprocessing: Preprocessing,
): NamedColumn[] {
  const { window, text } = preprocessing
  const predictions = rows.length / (window ? spanOf(window) : 1)
  return rawColumns(preprocessing).map((column) => {
    const { name, kind } = column
    const { values } = findColumn(table, name, 'the model')
    const size = sizeOf(column.shape)
    const pattern = ownValue(text?.formats, name) ?? ''
    const data =
      kind === 'string'
        ? Array.from(rows, (row) => dayAs(pattern, stringOf(values[row])))
        : Float64Array.from({ length: rows.length * size }, (_, i) =>
            Number(values[(rows[Math.floor(i / size)] ?? 0) * size + (i % size)] ?? NaN),
          )
    return { name, shape: [predictions, ...shapePerPrediction(column, preprocessing)], data }
  })
}
