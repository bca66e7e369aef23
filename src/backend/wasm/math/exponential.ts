// exp and what is made of it, four f32 lanes at a time. Each function takes its argument in a local and leaves its
// result on the stack.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import { EXP_TAIL, LN2_HIGH, LN2_LOW, LOG2_E, SMALLEST_NORMAL } from '../../plan/polynomials.ts'
import type { FunctionBuilder, Vector } from '../assembler/function-builder.ts'
import { multiplyAdd, polynomial } from './arithmetic.ts'

/** Results below 1.7e-38 are 0. */
export function exp(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const { r, scale } = reduce(f, x, arithmetic, -87.3)
  const result = f.local('v128')
  tail(f, r, arithmetic)
  f.f32x4(1).op('f32x4.add')
  // 2^n may overflow where exp does not, so half of it multiplies twice the value.
  f.tee(result).get(result).op('f32x4.add').get(scale).op('f32x4.mul')
}

/** exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1) with x = n ln 2 + r. */
export function expm1(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const { r, scale } = reduce(f, x, arithmetic, -20)
  tail(f, r, arithmetic)
  const half = f.local('v128')
  // Halves, because 2^n may overflow where exp does not; the product with a power of 2 is exact.
  f.get(scale).op('f32x4.mul')
  f.get(scale).f32x4(0.5).op('f32x4.sub', 'f32x4.add')
  f.tee(half).get(half).op('f32x4.add')
}

/** expm1(2|x|) / (expm1(2|x|) + 2) with the sign of x; 1 to the last bit from |x| = 9.02 on. */
export function tanh(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const t = f.local('v128')
  f.get(x).op('f32x4.abs').f32x4(10).op('f32x4.pmin').tee(t).get(t).op('f32x4.add').set(t)
  expm1(f, t, arithmetic)
  f.tee(t).get(t).f32x4(2).op('f32x4.add', 'f32x4.div')
  f.get(x).f32x4(-0).op('v128.and', 'v128.or')
}

/** 1 / (1 + exp(-x)); results below the normal range are 0. */
export function sigmoid(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const y = f.local('v128')
  f.get(x).op('f32x4.neg').set(y)
  f.f32x4(1)
  exp(f, y, arithmetic)
  f.f32x4(1).op('f32x4.add', 'f32x4.div').tee(y)
  f.get(y).f32x4(SMALLEST_NORMAL).op('f32x4.lt', 'v128.andnot')
}

/** x = n ln 2 + r, and scale = 2^(n-1), or 0 for n = -126. NaN stays NaN in r. */
function reduce(
  f: FunctionBuilder,
  x: Vector,
  arithmetic: Arithmetic,
  lowest: number,
): Readonly<Record<'r' | 'scale', Vector>> {
  const { r, n, scale } = f.vectors('r', 'n', 'scale')
  f.get(x).f32x4(89).op('f32x4.pmin').f32x4(lowest).op('f32x4.pmax').tee(r)
  f.f32x4(LOG2_E).op('f32x4.mul', 'f32x4.nearest').set(n)
  f.get(n).f32x4(-LN2_HIGH)
  multiplyAdd(f, arithmetic, () => f.get(r))
  f.set(r)
  f.get(n).f32x4(-LN2_LOW)
  multiplyAdd(f, arithmetic, () => f.get(r))
  f.set(r)
  f.get(n).op('i32x4.trunc_sat_f32x4_s').i32x4(126).op('i32x4.add').i32(23).op('i32x4.shl').set(scale)
  return { r, scale }
}

/** exp(r) - 1 = r^2 * tail(r) + r. */
function tail(f: FunctionBuilder, r: Vector, arithmetic: Arithmetic): void {
  polynomial(f, arithmetic, r, EXP_TAIL)
  f.get(r).get(r).op('f32x4.mul')
  multiplyAdd(f, arithmetic, () => f.get(r))
}
