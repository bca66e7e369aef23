// Numbers that a program keeps from step to step, such as averages that decay towards 0, must not stay subnormal: a
// processor takes tens of times as long for arithmetic with such numbers.

import { sizeOf } from '../../../ir/ir.ts'
import type { Buffer } from '../../plan/buffers.ts'
import { SMALLEST_NORMAL } from '../../plan/polynomials.ts'
import type { FunctionBuilder, FunctionIndex, Integer, Vector } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'

/** A number that shrinks by the usual tenth a step is subnormal for 150 steps: seldom enough, and often enough. */
const EVERY = 64

/** Defines a function of the steps done that every `EVERY` steps sets subnormal numbers of these buffers to 0. */
export function defineFlush(module: ModuleBuilder, states: readonly Buffer[]): FunctionIndex {
  const range = module.function({ params: ['i32', 'i32'], results: [] }, (f, at, end) => {
    const { x, size } = f.vectors('x', 'size')
    f.for(at, at, end, 16, () => flushVector(f, at, x, size))
  })
  return module.function({ params: ['i32'], results: [] }, (f, done) => {
    f.get(done).i32(EVERY).op('i32.rem_u', 'i32.eqz')
    f.if(() => {
      for (const { offset, shape } of states)
        f.i32(offset)
          .i32(offset + 4 * sizeOf(shape))
          .call(range)
    })
  })
}

/** Writes only where there is something to change: a buffer may be in the caches of several processors. */
function flushVector(f: FunctionBuilder, at: Integer, x: Vector, size: Vector): void {
  f.get(at).memory('v128.load').tee(x).op('f32x4.abs').tee(size).f32x4(SMALLEST_NORMAL).op('f32x4.lt')
  f.get(size).f32x4(0).op('f32x4.gt', 'v128.and').tee(size).op('v128.any_true')
  f.if(() => f.get(at).get(x).get(size).op('v128.andnot').memory('v128.store'))
}
