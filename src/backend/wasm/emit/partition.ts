// How a kernel's loops are cut into pieces (tiles, panels, images) and the pieces dealt out to threads.

import { pieceCount } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { Bound, FunctionBuilder, Local } from '../assembler/assembler.ts'

/** Locals of type i32: which of how many threads runs the function. */
export type Partition = { readonly thread: Local; readonly threads: Local }

/** Pieces from .. to - 1. */
export type Range = { readonly from: Bound; readonly to: Bound }

export function all(pieces: Pieces): Range {
  return { from: 0, to: pieceCount(pieces) }
}

/** The share of this thread in so many pieces; all of them without a partition. */
export function share(f: FunctionBuilder, count: number, partition: Partition | undefined): Range {
  if (partition === undefined) return { from: 0, to: count }
  const { thread, threads } = partition
  const [from, to] = [f.local('i32'), f.local('i32')]
  f.get(thread).i32(count).op('i32.mul').get(threads).op('i32.div_u').set(from)
  f.get(thread).i32(1).op('i32.add').i32(count).op('i32.mul').get(threads).op('i32.div_u').set(to)
  return { from: { local: from }, to: { local: to } }
}

/** Runs the body for every piece of a range: `element` is the local that holds its first element. */
export function eachPiece(
  f: FunctionBuilder,
  pieces: Pieces,
  range: Range,
  element: Local,
  body: (size: number) => void,
): void {
  let first = 0
  for (const { size, count, start } of pieces) {
    const at = (bound: Bound): Bound => {
      const inside = clamp(f, bound, first, first + count)
      if (typeof inside === 'number') return start + (inside - first) * size
      f.get(inside.local)
        .i32(size)
        .op('i32.mul')
        .i32(start - first * size)
        .op('i32.add')
        .set(inside.local)
      return inside
    }
    f.for(element, at(range.from), at(range.to), size, () => body(size))
    first += count
  }
}

function clamp(f: FunctionBuilder, bound: Bound, low: number, high: number): Bound {
  if (typeof bound === 'number') return Math.min(Math.max(bound, low), high)
  const local = f.local('i32')
  f.get(bound.local).i32(low).get(bound.local).i32(low).op('i32.gt_s', 'select').set(local)
  f.get(local).i32(high).get(local).i32(high).op('i32.lt_s', 'select').set(local)
  return { local }
}

/** Sets a local to a constant plus locals times constants. */
export function setLinear(
  f: FunctionBuilder,
  target: Local,
  constant: number,
  terms: readonly (readonly [Local, number])[],
): void {
  f.i32(constant)
  for (const [local, factor] of terms) {
    if (factor === 0) continue
    f.get(local)
    if (factor !== 1) f.i32(factor).op('i32.mul')
    f.op('i32.add')
  }
  f.set(target)
}

/**
 * The steps t of 0 .. count - 1 for which start + t * step (step > 0) is in 0 .. length - 1, where start is the linear
 * expression; sets two locals.
 */
export function boundSteps(
  f: FunctionBuilder,
  { from, to }: { readonly from: Local; readonly to: Local },
  [constant, terms]: readonly [number, readonly (readonly [Local, number])[]],
  { step, count, length }: { readonly step: number; readonly count: number; readonly length: number },
): void {
  const negated = terms.map(([local, factor]) => [local, -factor] as const)
  const ceiling = (target: Local, limit: number): void => {
    f.get(target).i32(0).get(target).i32(0).op('i32.gt_s', 'select')
    if (step > 1)
      f.i32(step - 1)
        .op('i32.add')
        .i32(step)
        .op('i32.div_u')
    f.set(target)
    f.get(target).i32(limit).get(target).i32(limit).op('i32.lt_s', 'select').set(target)
  }
  setLinear(f, from, -constant, negated)
  ceiling(from, count)
  setLinear(f, to, length - constant, negated)
  ceiling(to, count)
}
