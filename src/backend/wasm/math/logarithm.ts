// log and log1p, four f32 lanes at a time. Each takes its argument in a local and leaves its result on the stack.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import { LN2_HIGH, LN2_LOW, LOG_TAIL, SMALLEST_NORMAL, SQRT_HALF_BITS } from '../../plan/polynomials.ts'
import type { FunctionBuilder, Vector } from '../assembler/function-builder.ts'
import { multiplyAdd, polynomial } from './arithmetic.ts'
import { exp } from './exponential.ts'

/** Negative numbers give NaN, 0 gives -infinity. */
export function log(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const { scaled, exponent, t, square, subnormal, y } = f.vectors(
    'scaled',
    'exponent',
    't',
    'square',
    'subnormal',
    'y',
  )
  f.get(x)
    .f32x4(2 ** 23)
    .op('f32x4.mul')
    .get(x)
  f.get(x).f32x4(SMALLEST_NORMAL).op('f32x4.lt').tee(subnormal)
  f.op('v128.bitselect').tee(scaled)
  f.i32x4(SQRT_HALF_BITS).op('i32x4.sub').i32(23).op('i32x4.shr_s').set(exponent)
  f.get(scaled).get(exponent).i32(23).op('i32x4.shl', 'i32x4.sub').f32x4(1).op('f32x4.sub').set(t)
  f.get(exponent).get(subnormal).i32x4(23).op('v128.and', 'i32x4.sub', 'f32x4.convert_i32x4_s').set(exponent)

  f.get(t).get(t).op('f32x4.mul').set(square)
  polynomial(f, arithmetic, t, LOG_TAIL)
  f.get(t).get(square).op('f32x4.mul', 'f32x4.mul').set(y)
  f.get(exponent).f32x4(LN2_LOW)
  multiplyAdd(f, arithmetic, () => f.get(y))
  f.set(y)
  f.get(square).f32x4(-0.5)
  multiplyAdd(f, arithmetic, () => f.get(y))
  f.get(t).op('f32x4.add').set(y)
  f.get(exponent).f32x4(LN2_HIGH)
  multiplyAdd(f, arithmetic, () => f.get(y))
  f.set(y)

  f.f32x4(-Infinity).get(y).get(x).f32x4(0).op('f32x4.eq', 'v128.bitselect').set(y)
  f.get(x).get(y).get(x).f32x4(Infinity).op('f32x4.eq', 'v128.bitselect')
  f.get(x).f32x4(0).op('f32x4.ge', 'v128.not', 'v128.or')
}

/** log(u) * x / (u - 1) with u = 1 + x as rounded: Kahan's way to make up for what the sum lost. */
export function log1p(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const { u, y } = f.vectors('u', 'y')
  f.get(x).f32x4(1).op('f32x4.add').set(u)
  log(f, u, arithmetic)
  f.tee(y).get(x).get(u).f32x4(1).op('f32x4.sub', 'f32x4.div', 'f32x4.mul')
  f.get(y).get(u).f32x4(Infinity).op('f32x4.lt', 'v128.bitselect').set(y)
  f.get(x).get(y).get(u).f32x4(1).op('f32x4.eq', 'v128.bitselect')
}

/** log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)). */
export function softplus(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const y = f.local('v128')
  f.get(x).op('f32x4.abs', 'f32x4.neg').set(y)
  exp(f, y, arithmetic)
  f.set(y)
  log1p(f, y, arithmetic)
  f.get(x).f32x4(0).op('f32x4.pmax', 'f32x4.add')
}
