import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { FunctionBuilder, Vector } from '../assembler/function-builder.ts'

/** Adds c to a * b: a and b lie on the stack, `c` pushes itself. */
export function multiplyAdd(f: FunctionBuilder, arithmetic: Arithmetic, c: () => void): void {
  if (arithmetic === 'mul_add') f.op('f32x4.mul')
  c()
  f.op(arithmetic === 'fma' ? 'f32x4.relaxed_madd' : 'f32x4.add')
}

/** The polynomial in the local x by Horner's rule, highest power first. */
export function polynomial(
  f: FunctionBuilder,
  arithmetic: Arithmetic,
  x: Vector,
  coefficients: readonly number[],
): void {
  const [first = 0, ...rest] = coefficients
  f.f32x4(first)
  for (const coefficient of rest) {
    f.get(x)
    multiplyAdd(f, arithmetic, () => f.f32x4(coefficient))
  }
}

/** The polynomial in the local x (f64x2) by Horner's rule, highest power first. */
export function polynomial64(f: FunctionBuilder, x: Vector, coefficients: readonly number[]): void {
  const [first = 0, ...rest] = coefficients
  f64x2(f, first)
  for (const coefficient of rest) {
    f.get(x).op('f64x2.mul')
    f64x2(f, coefficient)
    f.op('f64x2.add')
  }
}

export function f64x2(f: FunctionBuilder, value: number): void {
  f.f64(value).op('f64x2.splat')
}
