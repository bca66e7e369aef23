import { polynomial } from '../emit/arithmetic.ts'
import type { Arithmetic } from '../emit/arithmetic.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import { exp } from './exponential.ts'

/** erf(x) / x in x^2 for |x| < 1: Cephes's erff (S. L. Moshier, netlib.org/cephes). */
const NEAR = [
  7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2,
  1.128358514861418e-1, -3.7612625824233e-1, 1.12837916672671,
]
/** log(erfc(x)) for 1 <= x <= 4: a weighted minimax fit (Lawson's iteration), off by 1.1e-9 in erf at most. */
const FAR = [
  1.8638008306824078e-4, -2.947666784987155e-3, 2.1838096921929624e-2, -1.0310682127396494e-1,
  -6.381447582836277e-1, -1.1270892337094705, -3.415126066411366e-4,
]

/** The Gauss error function, four f32 lanes at a time. */
export function erf(f: FunctionBuilder, x: Local, arithmetic: Arithmetic): void {
  const [t, y] = [f.local('v128'), f.local('v128')]
  f.get(x).get(x).op('f32x4.mul').set(y)
  f.get(x)
  polynomial(f, arithmetic, y, NEAR)
  f.op('f32x4.mul')

  f.get(x).op('f32x4.abs').f32x4(4).op('f32x4.pmin').set(t)
  polynomial(f, arithmetic, t, FAR)
  f.set(y).f32x4(1)
  exp(f, y, arithmetic)
  f.op('f32x4.sub').get(x).f32x4(-0).op('v128.and', 'v128.or')
  f.get(x).op('f32x4.abs').f32x4(1).op('f32x4.lt', 'v128.bitselect')
}
