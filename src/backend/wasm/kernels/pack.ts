// Copies panels of a matrix into the order in which a register tile reads them: for each step along the depth, the
// columns of the panel side by side.

import { packedWidth } from '../../plan/matmul.ts'
import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { advance } from '../emit/integers.ts'
import { transposeSquare } from '../emit/transpose.ts'

/** A panel of a matrix: `source` is the address of its first number, `target` that of the copy. */
export type Panel = {
  readonly source: Integer
  readonly target: Integer
  readonly depth: number
  /** Elements from one row of the matrix to the next. */
  readonly stride: number
  readonly columns: number
  /** Numbers of a vector of what reads the copy: 4 unless given. */
  readonly lanes?: number | undefined
}

/**
 * Packs `columns` (at most WIDEST_PANEL) columns of a row-major [depth, stride] matrix. Lanes past the last column hold
 * whatever is beside it.
 */
export function packColumns(f: FunctionBuilder, panel: Panel): void {
  const { from, to, k } = startPanel(f, panel)
  const bytes = 4 * packedWidth(panel.columns, panel.lanes)
  f.for(k, 0, panel.depth, 1, () => {
    for (let byte = 0; byte < bytes; byte += 16) {
      f.get(to).get(from).memory('v128.load', byte).memory('v128.store', byte)
    }
    advance(f, from, 4 * panel.stride)
    advance(f, to, bytes)
  })
}

/** Packs `columns` columns of a matrix that lies transposed in memory: [columns, stride], `depth` of the stride used. */
export function packRows(f: FunctionBuilder, panel: Panel): void {
  const { depth, stride, columns } = panel
  const { from, to, k } = startPanel(f, panel)
  const { row0, row1, row2, row3 } = f.vectors('row0', 'row1', 'row2', 'row3')
  const { mixed0, mixed1, mixed2, mixed3 } = f.vectors('mixed0', 'mixed1', 'mixed2', 'mixed3')
  const rows = [row0, row1, row2, row3] as const
  const width = packedWidth(columns, panel.lanes)
  const whole = Math.floor(depth / 4) * 4
  if (whole > 0) {
    f.for(k, 0, whole, 4, () => {
      for (let first = 0; first < width; first += 4) {
        rows.forEach((row, i) => {
          const column = Math.min(first + i, columns - 1)
          f.get(from)
            .memory('v128.load', 4 * column * stride)
            .set(row)
        })
        const steps = transposeSquare(f, rows, [mixed0, mixed1, mixed2, mixed3])
        steps.forEach((pushStep, step) => {
          f.get(to)
          pushStep()
          f.memory('v128.store', 4 * (step * width + first))
        })
      }
      advance(f, from, 16)
      advance(f, to, 16 * width)
    })
  }
  for (let rest = 0; rest < depth - whole; rest++) {
    for (let column = 0; column < columns; column++) {
      f.get(to)
        .get(from)
        .memory('f32.load', 4 * (column * stride + rest))
      f.memory('f32.store', 4 * (rest * width + column))
    }
  }
}

function startPanel(f: FunctionBuilder, { source, target }: Panel) {
  const at = f.integers('from', 'to', 'k')
  f.get(source).set(at.from).get(target).set(at.to)
  return at
}
