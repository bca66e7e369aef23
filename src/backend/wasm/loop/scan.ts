// The loop over the steps of a recurrent layer: copies, and the kernels of its body.

import type { LoopPlan, YieldCopy } from '../../plan/loop.ts'
import type { FunctionBuilder, FunctionIndex } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { emitCopy } from '../kernels/rows.ts'
import { runKernels } from './kernels.ts'
import type { KernelFunction } from './kernels.ts'

export type LoopSpec = LoopPlan & {
  /** Numbers of the body that lie in memory. */
  readonly constants: readonly { readonly offset: number; readonly data: Float32Array | Int32Array }[]
  /** All threads run the loop; else one does. */
  readonly shared: boolean
}

/**
 * Defines the function of a loop. What is given to a step is copied before its kernels, what they make after; between two
 * steps no thread waits for that, since one thread does both.
 */
export function defineLoop(
  module: ModuleBuilder,
  kernels: readonly KernelFunction[],
  barrier: FunctionIndex,
  spec: LoopSpec,
): FunctionIndex {
  const { steps, reverse, step, before, after, shared } = spec
  const alone = (emit: (f: FunctionBuilder) => void): KernelFunction => {
    return { index: module.function({ params: [], results: [] }, emit), shared: false }
  }
  const start = alone((f) => emitStart(f, spec))
  const enter = alone((f) => before.forEach((copy) => emitYield(f, copy, spec)))
  const leave = alone((f) => {
    after.forEach((copy) => emitYield(f, copy, spec))
    f.i32(0)
      .i32(0)
      .memory('i32.load', step)
      .i32(reverse ? -1 : 1)
      .op('i32.add')
      .memory('i32.store', step)
  })
  const all = [enter, ...kernels, leave]
  if (!shared)
    return module.function({ params: [], results: [] }, (f) => {
      f.call(start.index)
      f.for(f.local('i32'), 0, steps, 1, () => all.forEach(({ index }) => f.call(index)))
    })
  return module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, threads) => {
    runKernels(f, [start], barrier, { thread, threads })
    f.for(f.local('i32'), 0, steps, 1, () => runKernels(f, all, barrier, { thread, threads }))
  })
}

/** Writes the constants, the first states and the number of the first step. */
function emitStart(f: FunctionBuilder, { constants, initial, step, steps, reverse }: LoopSpec): void {
  for (const { offset, data } of constants) {
    for (const [i, number] of data.entries()) {
      f.i32(0)
      if (data instanceof Int32Array) f.i32(number).memory('i32.store', offset + 4 * i)
      else f.f32(number).memory('f32.store', offset + 4 * i)
    }
  }
  for (const { from, to, bytes } of initial) f.i32(to).i32(from).i32(bytes).memoryCopy()
  f.i32(0)
    .i32(reverse ? steps - 1 : 0)
    .memory('i32.store', step)
}

/** Copies a yield of this step to its place among those of all. */
function emitYield(f: FunctionBuilder, { from, to, outer, row }: YieldCopy, { step, steps }: LoopSpec): void {
  const shift = f.local('i32')
  f.i32(0)
    .memory('i32.load', step)
    .i32(4 * row)
    .op('i32.mul')
    .set(shift)
  const strides = { sourceStrides: [row], targetStrides: [steps * row] }
  emitCopy(f, { source: from, target: to, sizes: [outer], ...strides, row, shift })
}
