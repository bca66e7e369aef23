// Kernels that move whole rows: gather, scatter_add, pad and concat. Element types do not matter: all have 4 bytes.

import { sizeOf } from '../../../ir/ir.ts'
import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { setLinear } from '../emit/integers.ts'
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
  const vectors = Math.ceil(row / 4)
  const { from, to } = share(f, vectors, partition)
  const { i, v, source, target } = f.integers('i', 'v', 'source', 'target')
  const bytes = 4 * row
  const eachVector = (body: (lanes: number) => void): void => {
    const rest = row % 4
    f.for(v, from, to, 1, () => {
      if (rest === 0) return body(4)
      f.get(v)
        .i32(vectors - 1)
        .op('i32.eq')
      f.if(
        () => body(rest),
        () => body(4),
      )
    })
  }
  const pushVector = (base: Integer): FunctionBuilder => f.get(base).get(v).i32(4).op('i32.shl', 'i32.add')
  const place = f.local('i32')
  const value = f.local('v128')
  f.f32x4(0).set(value)
  f.for(target, 0, rows * bytes, bytes, () => {
    eachVector((lanes) => {
      pushVector(target).set(place)
      storeLanes(f, value, lanes, place, spec.output)
    })
  })
  f.for(i, 0, count, 1, () => {
    f.get(i).i32(bytes).op('i32.mul').set(source)
    f.get(i).i32(2).op('i32.shl').memory('i32.load', spec.indices).i32(bytes).op('i32.mul').set(target)
    eachVector((lanes) => {
      pushVector(target).tee(place).memory('v128.load', spec.output)
      pushVector(source).memory('v128.load', spec.updates).op('f32x4.add').set(value)
      storeLanes(f, value, lanes, place, spec.output)
    })
  })
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
