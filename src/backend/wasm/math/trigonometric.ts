// sin and cos, four f32 lanes at a time: the argument is reduced in float64, then Cephes's polynomials for sinf and cosf
// (S. L. Moshier, netlib.org/cephes) are evaluated. Accurate for |x| < 1e6, bounded by 1 beyond.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import { COS_TAIL, HALF_PI_HIGH, HALF_PI_LOW, SIN_TAIL } from '../../plan/polynomials.ts'
import type { FunctionBuilder, Vector } from '../assembler/function-builder.ts'
import { f64x2, multiplyAdd, polynomial } from './arithmetic.ts'

export function sin(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  sine(f, x, arithmetic, 0)
}

export function cos(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic): void {
  sine(f, x, arithmetic, 1)
}

/** sin(x + turns * pi / 2). */
function sine(f: FunctionBuilder, x: Vector, arithmetic: Arithmetic, turns: number): void {
  const { r, square, quadrant, y, n } = f.vectors('r', 'square', 'quadrant', 'y', 'n')
  const half = (pick: () => void): void => {
    pick()
    f.op('f64x2.promote_low_f32x4').tee(y)
    f64x2(f, 2 / Math.PI)
    f.op('f64x2.mul', 'f64x2.nearest').set(n)
    f.get(y).get(n)
    f64x2(f, HALF_PI_HIGH)
    f.op('f64x2.mul', 'f64x2.sub').get(n)
    f64x2(f, HALF_PI_LOW)
    f.op('f64x2.mul', 'f64x2.sub', 'f32x4.demote_f64x2_zero')
  }
  half(() => f.get(x))
  f.set(r).get(n).op('i32x4.trunc_sat_f64x2_s_zero').set(quadrant)
  f.get(r)
  half(() => f.get(x).get(x).shuffle(2, 3, 2, 3))
  f.shuffle(0, 1, 4, 5).f32x4(0.8).op('f32x4.pmin').f32x4(-0.8).op('f32x4.pmax').set(r)
  f.get(quadrant).get(n).op('i32x4.trunc_sat_f64x2_s_zero').shuffle(0, 1, 4, 5)
  f.i32x4(turns).op('i32x4.add').set(quadrant)

  f.get(r).get(r).op('f32x4.mul').set(square)
  polynomial(f, arithmetic, square, COS_TAIL)
  f.get(square).get(square).op('f32x4.mul')
  multiplyAdd(f, arithmetic, () => f.f32x4(1).get(square).f32x4(0.5).op('f32x4.mul', 'f32x4.sub'))
  polynomial(f, arithmetic, square, SIN_TAIL)
  f.get(square).get(r).op('f32x4.mul')
  multiplyAdd(f, arithmetic, () => f.get(r))
  f.get(quadrant).i32x4(1).op('v128.and').i32x4(1).op('i32x4.eq', 'v128.bitselect')
  f.get(quadrant).i32(1).op('i32x4.shr_s').i32(31).op('i32x4.shl', 'v128.xor')
}
