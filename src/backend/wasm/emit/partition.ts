// Shares of a kernel's loops (tiles, panels, images) for each thread.

import { pieceCount } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { RowSlice } from '../../plan/row-slices.ts'
import type { Bound, FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { pushAtLeast, pushAtMost, setLinear } from './integers.ts'

/** The part of a kernel's work that a function does: that of a thread, known when it runs, or some rows of the batch. */
export type Partition = ThreadShare | RowSlice

/** Number of the thread that runs a function, and how many do. */
export type ThreadShare = { readonly thread: Integer; readonly threads: Integer }

export function isSlice(partition: Partition | undefined): partition is RowSlice {
  return partition !== undefined && 'rows' in partition
}

/** The part of `count` elements, or bytes, that lies in a slice; all of them without one. */
export function inSlice(
  count: number,
  { from, to, rows }: Pick<RowSlice, 'from' | 'to' | 'rows'> = { from: 0, to: 1, rows: 1 },
): { readonly from: number; readonly to: number } {
  const own = { from: (count * from) / rows, to: (count * to) / rows }
  if (!Number.isInteger(own.from) || !Number.isInteger(own.to))
    throw new Error(`${count} elements cannot be cut at ${from} and ${to} of ${rows} rows`)
  return own
}

/** Pieces from .. to - 1. */
export type PieceRange = { readonly from: Bound; readonly to: Bound }

export function all(pieces: Pieces): PieceRange {
  return { from: 0, to: pieceCount(pieces) }
}

/** The share of this part in a number of pieces; all of them without a partition. */
export function share(f: FunctionBuilder, count: number, partition: Partition | undefined): PieceRange {
  if (partition === undefined) return { from: 0, to: count }
  if (isSlice(partition)) return inSlice(count, partition)
  const { thread, threads } = partition
  const { from, to } = f.integers('from', 'to')
  f.get(thread).i32(count).op('i32.mul').get(threads).op('i32.div_u').set(from)
  f.get(thread).i32(1).op('i32.add').i32(count).op('i32.mul').get(threads).op('i32.div_u').set(to)
  return { from, to }
}

/** Sets a local to the address of this part's scratch memory: `bytes` for each thread or slice, the first one first. */
export function locateScratch(
  f: FunctionBuilder,
  scratch: Integer,
  address: number,
  bytes: number,
  partition: Partition | undefined,
): void {
  if (partition === undefined) f.i32(address).set(scratch)
  else if (isSlice(partition)) f.i32(address + partition.index * bytes).set(scratch)
  else setLinear(f, scratch, address, [partition.thread, bytes])
}

/** Runs the body for every piece of a range: `element` is the local that holds its first element. */
export function eachPiece(
  f: FunctionBuilder,
  pieces: Pieces,
  range: PieceRange,
  element: Integer,
  body: (size: number) => void,
): void {
  let first = 0
  for (const { size, count, start } of pieces) {
    const at = (bound: Bound): Bound => {
      const inside = clamp(f, bound, first, first + count)
      if (typeof inside === 'number') return start + (inside - first) * size
      f.get(inside).i32(size).op('i32.mul')
      f.i32(start - first * size)
      f.op('i32.add').set(inside)
      return inside
    }
    f.for(element, at(range.from), at(range.to), size, () => body(size))
    first += count
  }
}

/**
 * The same for the pieces of `splitEvenly`, larger and smaller ones in turn: ranges of as many pieces have as many
 * elements, but for one.
 */
export function eachPieceInTurn(
  f: FunctionBuilder,
  pieces: Pieces,
  range: PieceRange,
  element: Integer,
  body: (size: number) => void,
): void {
  const [larger, smaller] = pieces
  if (larger === undefined || smaller === undefined) return eachPiece(f, pieces, range, element, body)
  const elements = larger.count * larger.size + smaller.count * smaller.size
  const { piece, next } = f.integers('piece', 'next')
  const pushStart = (ahead: number): FunctionBuilder =>
    f.get(piece).i32(ahead).op('i32.add').i32(elements).op('i32.mul').i32(pieceCount(pieces)).op('i32.div_u')
  f.for(piece, range.from, range.to, 1, () => {
    pushStart(0).set(element)
    pushStart(1).set(next)
    f.get(next).get(element).op('i32.sub').i32(larger.size).op('i32.eq')
    f.if(
      () => body(larger.size),
      () => body(smaller.size),
    )
  })
}

/**
 * Runs the body once for each size of the pieces in a range: `element` is the local that holds the first element of the
 * pieces of that size, `count` the one that holds their number, at least 1.
 */
export function eachSize(
  f: FunctionBuilder,
  pieces: Pieces,
  range: PieceRange,
  { element, count }: Readonly<Record<'element' | 'count', Integer>>,
  body: (size: number) => void,
): void {
  let first = 0
  for (const { size, count: most, start } of pieces) {
    const [from, to] = [clamp(f, range.from, first, first + most), clamp(f, range.to, first, first + most)]
    f.bound(from).i32(size).op('i32.mul')
    f.i32(start - first * size)
      .op('i32.add')
      .set(element)
    f.bound(to).bound(from).op('i32.sub').tee(count)
    f.i32(0).op('i32.gt_s')
    f.if(() => body(size))
    first += most
  }
}

function clamp(f: FunctionBuilder, bound: Bound, low: number, high: number): Bound {
  if (typeof bound === 'number') return Math.min(Math.max(bound, low), high)
  const local = f.local('i32')
  pushAtLeast(f, bound, low).set(local)
  pushAtMost(f, local, high).set(local)
  return local
}
