// Numbers that a program keeps from step to step, such as averages that decay towards 0, must not stay subnormal: a
// processor takes tens of times as long for arithmetic with such numbers. TensorFlow and XLA let processors flush all of them.

import { sizeOf } from '../../../ir/ir.ts'
import type { Buffer } from '../../plan/buffers.ts'
import type { FunctionBuilder, FunctionIndex, Integer, Vector } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'

/** Steps from one flush to the next: a number that shrinks by the usual tenth a step is subnormal for 150 steps. */
const EVERY = 64

/** A buffer of numbers that are kept, and the size below which they become 0. */
export type Kept = Pick<Buffer, 'offset' | 'shape'> & { readonly negligible: number }

/** Defines a function of the steps done that every `EVERY` steps sets negligible numbers of these buffers to 0. */
export function defineFlush(module: ModuleBuilder, states: readonly Kept[]): FunctionIndex {
  const range = module.function({ params: ['i32', 'i32', 'f32'], results: [] }, (f, at, end, negligible) => {
    const { x, size, least } = f.vectors('x', 'size', 'least')
    f.get(negligible).op('f32x4.splat').set(least)
    f.for(at, at, end, 16, () => flushVector(f, at, { x, size, least }))
  })
  return module.function({ params: ['i32'], results: [] }, (f, done) => {
    f.get(done).i32(EVERY).op('i32.rem_u', 'i32.eqz')
    f.if(() => {
      for (const { offset, shape, negligible } of states)
        f.i32(offset)
          .i32(offset + 4 * sizeOf(shape))
          .f32(negligible)
          .call(range)
    })
  })
}

/** Writes only where there is something to change: a buffer may be in the caches of several processors. */
function flushVector(
  f: FunctionBuilder,
  at: Integer,
  { x, size, least }: Readonly<Record<'x' | 'size' | 'least', Vector>>,
): void {
  f.get(at).memory('v128.load').tee(x).op('f32x4.abs').tee(size).get(least).op('f32x4.lt')
  f.get(size).f32x4(0).op('f32x4.gt', 'v128.and').tee(size).op('v128.any_true')
  f.if(() => f.get(at).get(x).get(size).op('v128.andnot').memory('v128.store'))
}
