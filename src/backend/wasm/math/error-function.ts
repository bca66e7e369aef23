import type { Arithmetic } from '../../plan/arithmetic.ts'
import { ERF_FAR, ERF_NEAR } from '../../plan/polynomials.ts'
import type { FunctionBuilder, Vector } from '../assembler/function-builder.ts'
import { polynomial } from './arithmetic.ts'
import { exp } from './exponential.ts'

/** The Gauss error function, four f32 lanes at a time. */
export function erf(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  const { t, y } = f.vectors('t', 'y')
  f.get(x).get(x).op('f32x4.mul').set(y)
  f.get(x)
  polynomial(f, arithmetic, y, ERF_NEAR)
  f.op('f32x4.mul')

  f.get(x).op('f32x4.abs').f32x4(4).op('f32x4.pmin').set(t)
  polynomial(f, arithmetic, t, ERF_FAR)
  f.set(y).f32x4(1)
  exp(f, y, arithmetic)
  f.op('f32x4.sub').get(x).f32x4(-0).op('v128.and', 'v128.or')
  f.get(x).op('f32x4.abs').f32x4(1).op('f32x4.lt', 'v128.bitselect')
}
