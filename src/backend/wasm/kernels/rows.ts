// Kernels that move whole rows: gather, scatter_add, pad and concat. Element types do not matter: all have 4 bytes.

import { sizeOf } from '../../../ir/ir.ts'
import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { pushAtMost, setLinear } from '../emit/integers.ts'
import { storeLanes } from '../emit/lanes.ts'
import { share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import type { Position } from '../emit/tile.ts'

export type GatherSpec = {
  readonly x: number
  readonly indices: number
  readonly output: number
  readonly count: number
  /** Elements of a row. */
  readonly row: number
}

export function emitGather(f: FunctionBuilder, spec: GatherSpec, partition?: Partition): void {
  const { from, to } = share(f, spec.count, partition)
  const { i, source, target } = f.integers('i', 'source', 'target')
  const bytes = 4 * spec.row
  f.for(i, from, to, 1, () => {
    f.get(i).i32(2).op('i32.shl').memory('i32.load', spec.indices).i32(bytes).op('i32.mul').set(source)
    f.get(i).i32(bytes).op('i32.mul').set(target)
    copyRow(f, { local: source, bytes: spec.x }, { local: target, bytes: spec.output }, spec.row)
  })
}

export type ScatterSpec = {
  readonly updates: number
  readonly indices: number
  readonly output: number
  readonly count: number
  readonly row: number
  readonly rows: number
}

/** Every thread adds to a range of columns of its own, in the order of the indices. */
export function emitScatterAdd(f: FunctionBuilder, spec: ScatterSpec, partition?: Partition): void {
  const { rows, count, row } = spec
  const { i, source, target, to, from } = f.integers('i', 'source', 'target', 'to', 'from')
  const bytes = 4 * row
  const eachVector = vectorsOfThread(f, row, partition)
  const value = f.local('v128')
  f.for(target, 0, rows * bytes, bytes, () =>
    eachVector((column, vectors, lanes) => {
      f.get(target).get(column).op('i32.add').set(to)
      f.f32x4(0).set(value)
      for (let n = 0; n < vectors; n++) storeLanes(f, value, lanes, to, spec.output + 16 * n)
    }),
  )
  f.for(i, 0, count, 1, () => {
    f.get(i).i32(bytes).op('i32.mul').set(source)
    f.get(i).i32(2).op('i32.shl').memory('i32.load', spec.indices).i32(bytes).op('i32.mul').set(target)
    eachVector((column, vectors, lanes) => {
      f.get(source).get(column).op('i32.add').set(from)
      f.get(target).get(column).op('i32.add').set(to)
      for (let n = 0; n < vectors; n++) {
        f.get(to).memory('v128.load', spec.output + 16 * n)
        f.get(from).memory('v128.load', spec.updates + 16 * n)
        f.op('f32x4.add').set(value)
        storeLanes(f, value, lanes, to, spec.output + 16 * n)
      }
    })
  })
}

/** Vectors of a row that code handles at once. */
const AT_ONCE = 4

/**
 * A loop over the thread's vectors of a row: its body takes the byte offset of the next ones, their number, and how many
 * lanes of the last one are elements.
 */
function vectorsOfThread(f: FunctionBuilder, row: number, partition: Partition | undefined) {
  const [whole, rest] = [Math.floor(row / 4), row % 4]
  const { from, to } = share(f, Math.ceil(row / 4), partition)
  const { column, start, several, end, ends } = f.integers('column', 'start', 'several', 'end', 'ends')
  f.bound(from).i32(4).op('i32.shl').set(start)
  f.bound(to).set(end)
  pushAtMost(f, end, whole).i32(4).op('i32.shl').set(end)
  f.get(end).get(start).op('i32.sub')
  f.i32(-16 * AT_ONCE).op('i32.and')
  f.get(start).op('i32.add').set(several)
  // What is left of a row is the last thread's.
  f.bound(to).i32(whole).op('i32.gt_s').set(ends)
  return (body: (column: Integer, vectors: number, lanes: number) => void): void => {
    f.for(column, start, several, 16 * AT_ONCE, () => body(column, AT_ONCE, 4))
    f.for(column, several, end, 16, () => body(column, 1, 4))
    if (rest === 0) return
    f.get(ends)
    f.if(() => {
      f.i32(16 * whole).set(column)
      body(column, 1, rest)
    })
  }
}

/** A block of a tensor: rows of `row` elements at strides along outer axes, source and target. */
export type CopySpec = {
  readonly source: number
  readonly target: number
  readonly sizes: readonly number[]
  readonly sourceStrides: readonly number[]
  readonly targetStrides: readonly number[]
  readonly row: number
  /** Bytes, known when the code runs, from the target to where it is. */
  readonly shift?: Integer
}

/** Copies a block of a tensor into a tensor of another shape; strides are in elements. */
export function emitCopy(f: FunctionBuilder, spec: CopySpec, partition?: Partition): void {
  const { from, to } = share(f, sizeOf(spec.sizes), partition)
  const { i, source, target } = f.integers('i', 'source', 'target')
  f.for(i, from, to, 1, () => {
    strided(f, i, spec.sizes, spec.sourceStrides, source)
    strided(f, i, spec.sizes, spec.targetStrides, target)
    if (spec.shift) setLinear(f, target, 0, [target, 1], [spec.shift, 1])
    copyRow(f, { local: source, bytes: spec.source }, { local: target, bytes: spec.target }, spec.row)
  })
}

/** Sets a local to the byte offset of the ith row. */
function strided(
  f: FunctionBuilder,
  i: Integer,
  sizes: readonly number[],
  strides: readonly number[],
  result: Integer,
): void {
  let after = 1
  f.i32(0).set(result)
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis] ?? 1
    if (size === 1) continue
    f.get(i).i32(after).op('i32.div_u').i32(size).op('i32.rem_u')
    f.i32(4 * (strides[axis] ?? 0))
    f.op('i32.mul').get(result).op('i32.add').set(result)
    after *= size
  }
}

/** Rows from which the engine's own copy is faster than a loop. */
const LONG_ROW = 64

function copyRow(f: FunctionBuilder, source: Position, target: Position, row: number): void {
  if (row >= LONG_ROW) {
    f.get(target.local).i32(target.bytes).op('i32.add')
    f.get(source.local).i32(source.bytes).op('i32.add')
    f.i32(4 * row).memoryCopy()
    return
  }
  const value = f.local('v128')
  for (let element = 0; element < row; element += 4) {
    const offset = 4 * element
    f.get(source.local)
      .memory('v128.load', source.bytes + offset)
      .set(value)
    storeLanes(f, value, Math.min(4, row - element), target.local, target.bytes + offset)
  }
}

/** Fills elements, and what is left of the last vector, with a number. */
export function emitFill(f: FunctionBuilder, address: number, elements: number, value: number): void {
  const i = f.local('i32')
  f.for(i, 0, 16 * Math.ceil(elements / 4), 16, () => f.get(i).f32x4(value).memory('v128.store', address))
}
