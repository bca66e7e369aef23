// a to the power b, evaluated in float64 because the logarithm's error is multiplied by up to 150: log2 by the series of
// atanh, exp2 by Taylor's, both on arguments reduced to a power of 2 and a rest near 1.

import { EXP2_SERIES, LOG2_SERIES, SQRT_HALF_BITS_64 } from '../../plan/polynomials.ts'
import type { FunctionIndex, Vector } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { f64x2, polynomial64 } from './arithmetic.ts'

/** The function |a|^b of two f64x2 that hold f32 numbers. */
function definePower64(module: ModuleBuilder): FunctionIndex {
  return module.function({ params: ['v128', 'v128'], results: ['v128'] }, (f, a, b) => {
    const { exponent, s, square, y, n } = f.vectors('exponent', 's', 'square', 'y', 'n')
    f.get(a).i64(SQRT_HALF_BITS_64).op('i64x2.splat', 'i64x2.sub').i32(52).op('i64x2.shr_s').set(exponent)
    f.get(a).get(exponent).i32(52).op('i64x2.shl', 'i64x2.sub').tee(s)
    f64x2(f, 1)
    f.op('f64x2.sub').get(s)
    f64x2(f, 1)
    f.op('f64x2.add', 'f64x2.div').tee(s).get(s).op('f64x2.mul').set(square)
    polynomial64(f, square, LOG2_SERIES)
    f.get(s).op('f64x2.mul').get(exponent).get(exponent).shuffle(0, 2, 0, 2)
    f.op('f64x2.convert_low_i32x4_s', 'f64x2.add').set(y)
    f64x2(f, -Infinity)
    f.get(y).get(a)
    f64x2(f, 0)
    f.op('f64x2.eq', 'v128.bitselect').set(y)
    // Infinity and NaN are their own logarithms.
    f.get(y).get(a).get(a)
    f64x2(f, Infinity)
    f.op('f64x2.lt', 'v128.bitselect').get(b).op('f64x2.mul')

    f64x2(f, 160)
    f.op('f64x2.pmin')
    f64x2(f, -160)
    f.op('f64x2.pmax').tee(y).op('f64x2.nearest').set(n)
    f.get(y).get(n).op('f64x2.sub').set(s)
    polynomial64(f, s, EXP2_SERIES)
    f.get(n).op('i32x4.trunc_sat_f64x2_s_zero', 'i64x2.extend_low_i32x4_s')
    f.i64(1023n).op('i64x2.splat', 'i64x2.add').i32(52).op('i64x2.shl', 'f64x2.mul')
  })
}

/** The function a^b of two f32x4; a negative base with a fractional exponent gives NaN. */
export function definePower(module: ModuleBuilder): FunctionIndex {
  const power64 = definePower64(module)
  return module.function({ params: ['v128', 'v128'], results: ['v128'] }, (f, a, b) => {
    const y = f.local('v128')
    const part = (value: Vector, high: boolean): void => {
      f.get(value)
      if (high) f.get(value).shuffle(2, 3, 2, 3)
    }
    for (const high of [false, true]) {
      part(a, high)
      f.op('f32x4.abs', 'f64x2.promote_low_f32x4')
      part(b, high)
      f.op('f64x2.promote_low_f32x4').call(power64).op('f32x4.demote_f64x2_zero')
    }
    f.shuffle(0, 1, 4, 5).set(y)
    // A negative base: the sign of odd exponents, NaN for fractions unless it is infinite.
    const { half, fraction } = f.vectors('half', 'fraction')
    f.get(b).get(b).op('f32x4.nearest', 'f32x4.ne').set(fraction)
    f.get(b).f32x4(0.5).op('f32x4.mul').tee(half).get(half).op('f32x4.nearest', 'f32x4.ne')
    f.get(fraction).op('v128.andnot').get(a).op('v128.and').f32x4(-0).op('v128.and')
    f.get(y).op('v128.xor').get(fraction).get(a).f32x4(0).op('f32x4.lt', 'v128.and')
    f.get(a).f32x4(-Infinity).op('f32x4.gt', 'v128.and', 'v128.or').set(y)
    f.f32x4(1).get(y).get(b).f32x4(0).op('f32x4.eq', 'v128.bitselect')
  })
}
