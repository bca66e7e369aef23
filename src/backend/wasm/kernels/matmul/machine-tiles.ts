// Tiles that a machine multiplies.

import { packedWidth } from '../../../plan/matmul.ts'
import { splitEvenly } from '../../../plan/pieces.ts'
import type { Pieces } from '../../../plan/pieces.ts'
import type { TileRun, Turns } from '../../../plan/tile-machine.ts'
import { setLinear } from '../../emit/integers.ts'
import { eachSize } from '../../emit/partition.ts'
import type { PieceRange } from '../../emit/partition.ts'
import type { ImportedMachine } from '../machine.ts'

import type { MatmulKernel } from './kernel.ts'
import { locateA, locatePacked, locatePanel, rowOfB, stripeTerm } from './operands.ts'

/** Rows of sums in a thread's scratch memory: a byte offset, and numbers from one row to the next. */
type WaitingRows = { readonly start: number; readonly width: number }

/** Sums of a panel of columns, in tiles of rows from that in the local `group` on. */
type PanelSums = {
  readonly columns: number
  readonly depth: number
  readonly tiles: Pieces
  readonly range: PieceRange
  /** The place of sums that wait; undefined for those of the result. */
  readonly waiting: WaitingRows | undefined
  readonly adds: TileRun['adds']
  /** All of the stacked matrices, if there are any. */
  readonly parts?: Turns
}

/** A call for all tiles of one height. */
export function sumPanelRows(
  kernel: MatmulKernel,
  { tiles: machine, call }: ImportedMachine,
  { columns, depth, tiles, range, waiting, adds, parts }: PanelSums,
): void {
  const { f, at } = kernel
  eachSize(f, tiles, range, { element: at.rowInGroup, count: at.counter }, (height) => {
    setLinear(f, at.row, 0, [at.group, 1], [at.rowInGroup, 1])
    const a = locateA(kernel)
    const b = locateB(kernel, columns)
    const out = waiting ? locateWaiting(kernel, waiting) : locateResult(kernel)
    const number = machine.functionOf({
      rows: height,
      columns,
      depth,
      a,
      b,
      out,
      adds,
      ...(parts && { parts }),
    })
    f.i32(number).get(at.a).get(at.b).get(at.out).get(at.counter).call(call)
  })
}

/** Sums of rows of a stripe from that in the local `group` on, and where they wait; undefined for the result. */
type StripeSums = {
  readonly rows: number
  readonly panels: Pieces
  readonly waiting: WaitingRows | undefined
}

/** Sums of whole rows of a stripe: a call for all tiles of one height in all panels of one width. */
export function sumWholeRows(
  kernel: MatmulKernel,
  { tiles: machine, call }: ImportedMachine,
  { rows, panels: all, waiting }: StripeSums,
): void {
  const { f, spec, plan, at } = kernel
  const { depth } = spec
  for (const { size: columns, count: panels, start: column } of all) {
    for (const { size, count, start } of splitEvenly(rows, machine.rowsBeside(columns))) {
      f.i32(column).set(at.column)
      f.i32(start).set(at.rowInGroup)
      setLinear(f, at.row, start, [at.group, 1])
      const a = locateA(kernel, plan.strips ? packedWidth(rows) : undefined)
      const b = locateB(kernel, columns)
      const out = waiting ? locateWaiting(kernel, waiting, column) : locateResult(kernel)
      const matrices = { tiles: count, a: 0, b: 4 * columns * (plan.packed ? depth : 1), out: 4 * columns }
      const number = machine.functionOf({ rows: size, columns, depth, a, b, out, adds: false, matrices })
      f.i32(number).get(at.a).get(at.b).get(at.out).i32(panels).call(call)
    }
  }
}

/** Sets b to where a panel begins, in b or in its copy; returns what lies between two of its rows. */
function locateB(kernel: MatmulKernel, columns: number): { step: number } {
  const { plan, sizes } = kernel
  if (plan.packed) locatePacked(kernel)
  else locatePanel(kernel)
  return { step: 4 * (plan.packed ? packedWidth(columns, sizes.lanes) : rowOfB(kernel)) }
}

/** Sets `out` to where the sums of the row in the local `rowInGroup` wait, from a column on. */
function locateWaiting({ f, at }: MatmulKernel, { start, width }: WaitingRows, column = 0): { row: number } {
  setLinear(f, at.out, start + 4 * column, [at.scratch, 1], [at.rowInGroup, 4 * width])
  return { row: 4 * width }
}

/** Sets `out` to the place of the row and the column in locals in the result. */
function locateResult(kernel: MatmulKernel): { row: number } {
  const { f, at } = kernel
  const { output, rows, columns } = kernel.spec
  const rowTerms = [
    [at.matrix, 4 * rows * columns],
    [at.row, 4 * columns],
  ] as const
  setLinear(f, at.out, output, ...rowTerms, [at.column, 4], stripeTerm(kernel, 4))
  return { row: 4 * columns }
}
