// Numbers that a program keeps from step to step, such as averages that decay towards 0, must not stay subnormal: a
// processor takes tens of times as long for arithmetic with such numbers.

import { sizeOf } from '../../../ir/ir.ts'
import type { Buffer } from '../../plan/buffers.ts'
import { SMALLEST_NORMAL } from '../../plan/polynomials.ts'
import type { FunctionBuilder, FunctionIndex, Local, ModuleBuilder } from '../assembler/assembler.ts'

/** A number that shrinks by the usual tenth a step is subnormal for 150 steps: seldom enough, and often enough. */
const EVERY = 64

/** Defines a function of the steps done that makes the subnormal numbers of these buffers 0, every so many steps. */
export function defineFlush(module: ModuleBuilder, states: readonly Buffer[]): FunctionIndex {
  const range = module.function({ params: ['i32', 'i32'], results: [] }, (f, at = 0, end = 1) => {
    const [x, size] = f.locals('v128', 2)
    f.for(at, { local: at }, { local: end }, 16, () => flushVector(f, at, x ?? 0, size ?? 0))
  })
  return module.function({ params: ['i32'], results: [] }, (f, done = 0) => {
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
function flushVector(f: FunctionBuilder, at: Local, x: Local, size: Local): void {
  f.get(at).memory('v128.load').tee(x).op('f32x4.abs').tee(size).f32x4(SMALLEST_NORMAL).op('f32x4.lt')
  f.get(size).f32x4(0).op('f32x4.gt', 'v128.and').tee(size).op('v128.any_true')
  f.if(() => f.get(at).get(x).get(size).op('v128.andnot').memory('v128.store'))
}
