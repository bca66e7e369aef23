// The loop over the steps of a recurrent layer: copies, and the kernels of its body.

import { STEP_BYTES } from '../../plan/loop.ts'
import type { BlockCopy, LoopPlan, YieldCopy } from '../../plan/loop.ts'
import type { RowSlice } from '../../plan/row-slices.ts'
import type { FunctionBuilder, FunctionIndex } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { inSlice, share } from '../emit/partition.ts'
import { emitCopy } from '../kernels/rows.ts'
import { runKernels } from './kernels.ts'
import type { KernelFunction } from './kernels.ts'

export type LoopSpec = LoopPlan & {
  /** Numbers of the body that lie in memory. */
  readonly constants: readonly { readonly offset: number; readonly data: Float32Array | Int32Array }[]
  /** All threads run the loop; else one does. */
  readonly shared: boolean
}

/** The address of the step, and the rows that are computed: all without a slice. */
export type BodyPart = { readonly step: number; readonly slice?: RowSlice }

/** Defines the function of a loop, given the kernels of its body. */
export function defineLoop(
  module: ModuleBuilder,
  kernelsOf: (part: BodyPart) => readonly KernelFunction[],
  barrier: FunctionIndex,
  spec: LoopSpec,
): FunctionIndex {
  const { steps, step, shared, slices } = spec
  if (slices.length > 0) return defineSlices(module, kernelsOf, spec)
  const [start, turn] = defineTurn(module, kernelsOf({ step }), spec, undefined)
  if (!shared) return defineAlone(module, start, turn, steps)
  return module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, threads) => {
    runKernels(f, [start], barrier, { thread, threads })
    f.for(f.local('i32'), 0, steps, 1, () => runKernels(f, turn, barrier, { thread, threads }))
  })
}

/** A loop of which each thread runs all steps of some slices. */
function defineSlices(
  module: ModuleBuilder,
  kernelsOf: (part: BodyPart) => readonly KernelFunction[],
  spec: LoopSpec,
): FunctionIndex {
  const { slices, steps } = spec
  const loops = slices.map((slice) => {
    const step = spec.step + slice.index * STEP_BYTES
    const [start, turn] = defineTurn(module, kernelsOf({ step, slice }), { ...spec, step }, slice)
    return defineAlone(module, start, turn, steps)
  })
  return module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, threads) => {
    const { from, to } = share(f, slices.length, { thread, threads })
    for (const [number, index] of loops.entries()) {
      f.i32(number).bound(from).op('i32.ge_s').i32(number).bound(to).op('i32.lt_s', 'i32.and')
      f.if(() => f.call(index))
    }
  })
}

/** A function that runs all steps of a loop on one thread. */
function defineAlone(
  module: ModuleBuilder,
  start: KernelFunction,
  turn: readonly KernelFunction[],
  steps: number,
): FunctionIndex {
  return module.function({ params: [], results: [] }, (f) => {
    f.call(start.index)
    f.for(f.local('i32'), 0, steps, 1, () => turn.forEach(({ index }) => f.call(index)))
  })
}

/**
 * The functions that come before the first step, and those of each: what is given to a step is copied before its kernels,
 * what they make after. Between two steps no thread waits for that, since one thread does both.
 */
function defineTurn(
  module: ModuleBuilder,
  kernels: readonly KernelFunction[],
  spec: LoopSpec,
  slice: RowSlice | undefined,
): readonly [KernelFunction, readonly KernelFunction[]] {
  const { step, reverse, before, after } = spec
  const alone = (emit: (f: FunctionBuilder) => void): KernelFunction => {
    return { index: module.function({ params: [], results: [] }, emit), shared: false }
  }
  const start = alone((f) => emitStart(f, spec, slice))
  const enter = alone((f) => before.forEach((copy) => emitYield(f, copy, spec, slice)))
  const leave = alone((f) => {
    after.forEach((copy) => emitYield(f, copy, spec, slice))
    f.i32(0)
      .i32(0)
      .memory('i32.load', step)
      .i32(reverse ? -1 : 1)
      .op('i32.add')
      .memory('i32.store', step)
  })
  return [start, [enter, ...kernels, leave]]
}

/** Writes the constants, the first states and the number of the first step. */
function emitStart(
  f: FunctionBuilder,
  { constants, initial, step, steps, reverse }: LoopSpec,
  slice: RowSlice | undefined,
): void {
  for (const { offset, data } of constants) {
    for (const [i, number] of data.entries()) {
      f.i32(0)
      if (data instanceof Int32Array) f.i32(number).memory('i32.store', offset + 4 * i)
      else f.f32(number).memory('f32.store', offset + 4 * i)
    }
  }
  for (const copy of initial) emitBlockCopy(f, copy, slice)
  f.i32(0)
    .i32(reverse ? steps - 1 : 0)
    .memory('i32.store', step)
}

/** Copies a block of memory, or a slice of it. */
export function emitBlockCopy(
  f: FunctionBuilder,
  { from, to, bytes }: BlockCopy,
  slice: RowSlice | undefined,
): void {
  const { from: first, to: end } = inSlice(bytes, slice)
  f.i32(to + first)
    .i32(from + first)
    .i32(end - first)
    .memoryCopy()
}

/** Copies a yield of this step, or a slice of its rows, to its place among those of all. */
function emitYield(
  f: FunctionBuilder,
  { from, to, outer, row }: YieldCopy,
  { step, steps }: LoopSpec,
  slice: RowSlice | undefined,
): void {
  const shift = f.local('i32')
  f.i32(0)
    .memory('i32.load', step)
    .i32(4 * row)
    .op('i32.mul')
    .set(shift)
  // A single row is that of all rows of the batch.
  const own = inSlice(row, outer === 1 ? slice : undefined)
  const places = { source: from + 4 * own.from, target: to + 4 * own.from, row: own.to - own.from, shift }
  const strides = { sizes: [outer], sourceStrides: [row], targetStrides: [steps * row] }
  emitCopy(f, { ...places, ...strides }, outer === 1 ? undefined : slice)
}
