// Sums that wait in scratch memory for their epilogue.

import { storesRows } from '../../../plan/tile-machine.ts'
import type { Integer } from '../../assembler/function-builder.ts'
import { advance, setLinear } from '../../emit/integers.ts'
import { positionOf, storeResult } from '../../emit/tile.ts'
import type { MatmulKernel } from './kernel.ts'
import { stripeTerm } from './operands.ts'

/** Sums of some columns, from that in the local `column` on, of the rows from that in the local `group` on. */
type WaitingSums = {
  readonly rows: number | Integer
  readonly columns: number
  /** Byte offset in a thread's scratch memory, and numbers from one row to the next. */
  readonly start: number
  readonly width: number
  /** True where all rows of the result wait, not only these. */
  readonly whole?: boolean
}

/** Stores the sums as the epilogue changes them. */
export function sweep(kernel: MatmulKernel, sums: WaitingSums): void {
  if (sweepOnMachine(kernel, sums)) return
  const { rows, columns, start, width, whole = false } = sums
  const { f, spec, at } = kernel
  const sum = f.local('v128')
  const { line, end, waiting, first, vector } = f.integers('line', 'end', 'waiting', 'first', 'vector')
  const position = {
    element: positionOf(at.element),
    row: positionOf(at.rowBytes),
    column: positionOf(at.columnBytes),
  }
  const sweepVector = (lanes: number): void => {
    f.get(waiting).get(vector).op('i32.add').memory('v128.load').set(sum)
    setLinear(f, at.columnBytes, 0, [at.column, 4], stripeTerm(kernel, 4), [vector, 1])
    setLinear(f, at.element, 0, [first, 1], [vector, 1])
    storeResult(f, sum, { ...position, lanes }, spec.output, spec.loopEpilogue)
  }
  const rest = columns % 4
  f.get(at.group).bound(rows).op('i32.add').set(end)
  setLinear(f, waiting, start, [at.scratch, 1], [at.group, whole ? 4 * width : 0])
  f.for(line, at.group, end, 1, () => {
    setLinear(f, at.rowBytes, 0, [at.matrix, 4 * spec.rows], [line, 4])
    setLinear(f, first, 0, [at.rowBytes, spec.columns], [at.column, 4], stripeTerm(kernel, 4))
    f.for(vector, 0, 4 * (columns - rest), 16, () => sweepVector(4))
    if (rest > 0) {
      f.i32(4 * (columns - rest)).set(vector)
      sweepVector(rest)
    }
    advance(f, waiting, 4 * width)
  })
}

/** Calls a machine that does the same, if there is one; else returns false. */
function sweepOnMachine(
  kernel: MatmulKernel,
  { rows, columns, start, width, whole: all }: WaitingSums,
): boolean {
  const { f, spec, at } = kernel
  const { machine, elementProgram: program } = spec
  if (machine === undefined || program === undefined) return false
  const { sizes } = machine.tiles
  const whole = columns % sizes.lanes === 0
  // Rows that follow each other in memory can be one.
  const follow = [...program.steps, ...program.stores].every(
    (at) => !('place' in at) || at.place.row === at.place.column * spec.columns,
  )
  const joined = !whole && typeof rows === 'number' && columns === width && columns === spec.columns && follow
  if (!joined && !storesRows(columns, sizes)) return false
  const run = joined
    ? { program, columns: rows * columns, sums: 0, row: 0 }
    : { program, columns, sums: 4 * width, row: 4 }
  const number = machine.tiles.sweepOf(run)
  if (number === undefined) return false
  const { waiting, line, first } = f.integers('waiting', 'line', 'first')
  setLinear(f, waiting, start, [at.scratch, 1], [at.group, all ? 4 * width : 0])
  setLinear(f, line, 0, [at.matrix, 4 * spec.rows], [at.group, 4])
  setLinear(f, first, 0, [at.column, 4], stripeTerm(kernel, 4))
  f.i32(number).get(waiting).get(line).get(first)
  f.bound(joined ? 1 : rows).call(machine.call)
  return true
}
