// Column sums of a nest on a machine. Row after row, it adds vectors of a piece of columns to sums in scratch memory:
// along rows, memory is read ahead, which it is not down the columns.
//
//       column sums      a piece of columns
//       row 0 |  + ~~~~ ~~~~ ~~~~ ~~~~  ->
//       row 1 |  + ~~~~ ~~~~ ~~~~ ~~~~  ->

import { paddedBytes } from '../../plan/memory-plan.ts'
import { nestPasses } from '../../plan/nest.ts'
import type { NestPass } from '../../plan/nest.ts'
import { splitWithRest } from '../../plan/pieces.ts'
import type { EqualPieces, Pieces } from '../../plan/pieces.ts'
import type { Space } from '../../plan/space.ts'
import { storesRows } from '../../plan/tile-machine.ts'
import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { columnSumsProgramOf } from '../emit/element-program.ts'
import { clearBytes } from '../emit/integers.ts'
import type { Scene } from '../emit/scene.ts'
import type { ImportedMachine } from './machine.ts'

/**
 * Columns from which a call pays, and numbers of all rows of a sum: of numbers that are only read, as many as no cache has
 * beside each other.
 */
const PAYS = { read: { columns: 64, numbers: 32768 }, computed: { columns: 32, numbers: 8192 } } as const

/** Columns of a piece at most, and pieces of a row that threads share. */
const [WIDEST, SHARED] = [256, 4]

/** A nest, and the values that lie in memory. */
type StoredNest = Pick<Scene, 'group' | 'space' | 'stored'>

/** The only pass of a nest of column sums whose rows are long enough. */
function passOf({ group, space, stored }: StoredNest): NestPass | undefined {
  const columns = space.sizes.at(-1) ?? 0
  const isLong = ({ columns: least, numbers }: (typeof PAYS)['read' | 'computed']): boolean =>
    columns >= least && columns * rowsOf(space) >= numbers
  const isPlain = space.segment(0).length <= 1 && space.segment(2).length === 1
  if (!isPlain || !isLong(PAYS.computed)) return undefined
  const [pass, ...others] = nestPasses(group, space, stored)
  if (pass === undefined || others.length > 0 || pass.reductions.length === 0) return undefined
  if (pass.reductions.some((value) => value.function !== 'sum')) return undefined
  const computes = pass.full.length > 0 || pass.reductions.some(({ x }) => group.members.has(x))
  return computes || isLong(PAYS.read) ? pass : undefined
}

/** The rows of a sum. */
function rowsOf(space: Space): number {
  return space.segment(1).reduce((product, axis) => product * space.size(axis), 1)
}

/** The pieces of a row: where there are not several rows of sums, threads share them. */
function piecesOf(space: Space): Pieces {
  const columns = space.sizes.at(-1) ?? 1
  const share = 16 * Math.ceil(columns / SHARED / 16)
  const widest = space.segment(0).length > 0 ? WIDEST : Math.min(WIDEST, Math.max(PAYS.read.columns, share))
  return splitWithRest(columns, widest)
}

/** Bytes from the sums of one reduction to those of the next. */
const SUMS_BYTES = 4 * WIDEST

/** Bytes of scratch memory for each thread that runs a nest. */
export function columnSumsScratch(nest: StoredNest): number {
  const pass = passOf(nest)
  return pass === undefined ? 0 : scratchFor(pass)
}

function scratchFor({ reductions }: NestPass): number {
  return paddedBytes(SUMS_BYTES * reductions.length)
}

/** Column sums that a machine adds: their number and rows, the pieces of a row, and the functions of pieces by their columns. */
export type ColumnSums = {
  readonly scratchBytes: number
  readonly sums: number
  readonly rows: number
  readonly pieces: Pieces
  readonly functions: ReadonlyMap<number, number>
}

/** Undefined where a nest has no column sums, or a machine does not know a part of them. */
export function columnSumsOf(scene: Scene, { tiles }: ImportedMachine): ColumnSums | undefined {
  const pass = passOf(scene)
  if (pass === undefined) return undefined
  const stored = pass.full.map(({ value }) => value)
  const program = columnSumsProgramOf(pass.reductions, stored, SUMS_BYTES, scene)
  if (program === undefined) return undefined
  const pieces = piecesOf(scene.space)
  const functions = pieces.flatMap(({ size }) => {
    const number = storesRows(size, tiles.sizes)
      ? tiles.sweepOf({ program, columns: size, sums: 0, row: 4 })
      : undefined
    return number === undefined ? [] : [[size, number] as const]
  })
  if (functions.length < pieces.length) return undefined
  const sums = pass.reductions.length
  const scratchBytes = scratchFor(pass)
  return { scratchBytes, sums, rows: rowsOf(scene.space), pieces, functions: new Map(functions) }
}

/** Adds the rows of a piece that begins `column` bytes behind the first column, and `row` bytes behind one f32 for each row. */
export function emitColumnSums(
  f: FunctionBuilder,
  { sums, rows, functions }: ColumnSums,
  { size }: EqualPieces,
  at: Readonly<Record<'sums' | 'row' | 'column', Integer>>,
  { call }: ImportedMachine,
): void {
  clearBytes(f, at.sums, SUMS_BYTES * sums)
  f.i32(functions.get(size) ?? 0)
    .get(at.sums)
    .get(at.row)
    .get(at.column)
    .i32(rows)
    .call(call)
}

/** Pushes four sums of the nth reduction, from an offset in a local and some bytes on. */
export function pushColumnSums(
  f: FunctionBuilder,
  { sums, offset }: Readonly<Record<'sums' | 'offset', Integer>>,
  reduction: number,
  bytes: number,
): void {
  f.get(sums).get(offset).op('i32.add')
  f.memory('v128.load', reduction * SUMS_BYTES + bytes)
}
