// The loop around a program: gathers the rows of each batch from the data set in memory, runs the program, adds up its
// figures. A whole epoch is one call.

import type { Buffer } from '../../plan/buffers.ts'
import { SMALLEST_NORMAL } from '../../plan/polynomials.ts'
import type { FunctionBuilder, FunctionIndex, Integer } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { waitForAll } from './barrier.ts'
import { defineGather } from './gather.ts'
import type { BatchRows } from './gather.ts'
import { defineFlush } from './subnormals.ts'

/** Adds `length` f32 numbers at `from`, times a factor, to f64 totals at `to`. */
export type Tally = {
  readonly from: number
  readonly length: number
  readonly to: number
  readonly factor: number
}

/** Appends what a batch yields at `from` to an array of the whole data set. */
export type Collect = {
  readonly from: number
  /** Bytes of a batch. */
  readonly bytes: number
  /** Address of the i32 that holds the address of the array. */
  readonly target: number
}

export type StepsSpec = BatchRows & {
  readonly tallies: readonly Tally[]
  readonly collects: readonly Collect[]
  /** Address of a number that ends the loop where it is NaN or infinite. */
  readonly loss?: number
  /** Sizes below which kept numbers become 0, by the addresses of their buffers. Default: that of the smallest normal number. */
  readonly negligible?: ReadonlyMap<number, number | undefined>
  /** Addresses of an i32 and an f32 that count the steps. */
  readonly count?: { readonly counter: number; readonly iterations: number }
}

/** Arrays of the program that the loop treats apart. */
export type LoopArrays = {
  /** Those that are kept from one step to the next. */
  readonly states: readonly Buffer[]
  /** Addresses of those whose rows the program reads in parts. */
  readonly cut: ReadonlySet<number>
}

/**
 * Defines `steps(thread, threads, first, last)`: runs batches first, first + 1 ... below last. Returns how many were
 * run, the one that ended the loop included.
 */
export function defineSteps(
  module: ModuleBuilder,
  run: FunctionIndex,
  barrier: FunctionIndex,
  spec: StepsSpec,
  { states, cut }: LoopArrays,
): FunctionIndex {
  const gather = defineGather(module, spec, cut)
  const kept = states.map((state) => ({
    ...state,
    negligible: spec.negligible?.get(state.offset) ?? SMALLEST_NORMAL,
  }))
  const flush = defineFlush(module, kept)
  const finish = module.function({ params: ['i32'], results: [] }, (f, step) =>
    finishStep(f, step, spec, flush),
  )
  return module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
    (f, thread, threads, first, last) => {
      const step = f.local('i32')
      f.block((end) => {
        f.for(step, first, last, 1, () => {
          f.get(thread).get(threads).get(step).call(gather)
          waitForAll(f, barrier, threads)
          f.get(thread).get(threads).call(run)
          f.get(thread).op('i32.eqz')
          f.if(() => f.get(step).call(finish))
          if (spec.loss === undefined) return
          // x - x is 0 for every number but NaN and the infinities. All threads read the same loss: none writes it
          // before the next barrier.
          f.i32(0).memory('f32.load', spec.loss).i32(0).memory('f32.load', spec.loss).op('f32.sub')
          f.f32(0).op('f32.ne')
          f.if(() => {
            f.get(step).i32(1).op('i32.add').set(step)
            f.branch(end)
          })
        })
      })
      f.get(step).get(first).op('i32.sub')
    },
  )
}

/** Adds up and collects what a batch yields, and counts it. */
function finishStep(f: FunctionBuilder, step: Integer, spec: StepsSpec, flush: FunctionIndex): void {
  for (const tally of spec.tallies) emitTally(f, tally)
  for (const { from, bytes, target } of spec.collects) {
    f.i32(0).memory('i32.load', target).get(step).i32(bytes).op('i32.mul', 'i32.add')
    f.i32(from).i32(bytes).memoryCopy()
  }
  if (spec.count === undefined) return
  const { counter, iterations } = spec.count
  f.i32(0).i32(0).memory('i32.load', counter).i32(1).op('i32.add').memory('i32.store', counter)
  f.i32(0).i32(0).memory('i32.load', counter).op('f32.convert_i32_s').memory('f32.store', iterations)
  f.i32(0).memory('i32.load', counter).call(flush)
}

function emitTally(f: FunctionBuilder, { from, length, to, factor }: Tally): void {
  const i = f.local('i32')
  f.for(i, 0, length, 1, () => {
    f.get(i).i32(8).op('i32.mul')
    f.get(i).i32(8).op('i32.mul').memory('f64.load', to)
    f.get(i).i32(4).op('i32.mul').memory('f32.load', from).op('f64.promote_f32')
    if (factor !== 1) f.f64(factor).op('f64.mul')
    f.op('f64.add').memory('f64.store', to)
  })
}
