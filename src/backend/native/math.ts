// The functions of wasm/math as vector programs: the same operations in the same order, and so the same bits.

import type { ElementBinary, ElementFunction, LongFunction } from '../plan/element-program.ts'
import {
  ERF_FAR,
  ERF_NEAR,
  EXP_TAIL,
  LN2_HIGH,
  LN2_LOW,
  LOG2_E,
  LOG_TAIL,
  SMALLEST_NORMAL,
  SQRT_HALF_BITS,
} from '../plan/polynomials.ts'
import { float, VectorProgram } from './vector-program.ts'
import type { VectorOperand, VectorValue } from './vector-program.ts'

type VectorFunction = (p: VectorProgram, x: VectorValue) => VectorValue

const FUNCTIONS: Record<LongFunction, VectorFunction> = {
  erf,
  exp,
  expm1,
  log,
  log1p,
  sigmoid,
  softplus,
  tanh,
}

export function programOf(name: LongFunction): VectorProgram {
  const program = new VectorProgram()
  FUNCTIONS[name](program, 0)
  return program
}

/** A function of a value of a program. */
export function applyFunction(p: VectorProgram, name: ElementFunction, x: VectorValue): VectorValue {
  switch (name) {
    case 'abs':
      return abs(p, x)
    case 'neg':
      return p.binary('xor', x, SIGN)
    case 'relu':
      return p.binary('maximum', float(0), x)
    case 'rsqrt':
      return p.binary('divide', ONE, p.unary('squareRoot', x))
    case 'sqrt':
      return p.unary('squareRoot', x)
    case 'square':
      return p.binary('multiply', x, x)
    default:
      return FUNCTIONS[name](p, x)
  }
}

const ARITHMETIC = { add: 'add', div: 'divide', mul: 'multiply', sub: 'subtract' } as const
const COMPARISONS = { equal: 'equal', less: 'less', less_equal: 'atMost' } as const

/** A function of two values of a program; comparisons yield 0 or 1. */
export function applyBinary(
  p: VectorProgram,
  name: ElementBinary,
  x: VectorOperand,
  y: VectorOperand,
): VectorValue {
  if (name === 'equal' || name === 'less' || name === 'less_equal')
    return p.binary('and', p.compare(COMPARISONS[name], x, y), ONE)
  if (name === 'max') return largest(p, x, y)
  return p.binary(ARITHMETIC[name], x, y)
}

/** The larger of two values: 0 is larger than -0, and NaN, of which the first bits stay, than all. */
function largest(p: VectorProgram, a: VectorOperand, b: VectorOperand): VectorValue {
  const [x, z] = [p.value(a), p.value(b)]
  const one = p.binary('maximum', x, z)
  // Only where the two are 0 and -0, or one is NaN, does their order matter.
  const difference = p.binary('xor', p.binary('maximum', z, x), one)
  const y = p.binary('subtract', p.binary('or', one, difference), difference)
  return p.choose(p.compare('equal', y, y), y, p.binary('and', y, { bits: -(2 ** 22) }))
}

/** x where a condition is not 0, else y. */
export function select(
  p: VectorProgram,
  condition: VectorValue,
  x: VectorOperand,
  y: VectorOperand,
): VectorValue {
  return p.choose(p.compare('equal', condition, float(0)), y, x)
}

const SIGN = { bits: -(2 ** 31) }
const [ONE, TWO] = [float(1), float(2)]

function abs(p: VectorProgram, x: VectorValue): VectorValue {
  return p.binary('andNot', SIGN, x)
}

/** The smaller of x and a number; NaN stays. */
function atMost(p: VectorProgram, x: VectorValue, limit: number): VectorValue {
  return p.binary('minimum', float(limit), x)
}

function twice(p: VectorProgram, x: VectorValue): VectorValue {
  return p.binary('add', x, x)
}

/** y with the sign of x. */
function withSign(p: VectorProgram, y: VectorValue, x: VectorValue): VectorValue {
  return p.binary('or', y, p.binary('and', x, SIGN))
}

function exp(p: VectorProgram, x: VectorValue): VectorValue {
  const { r, scale } = reduce(p, x, -87.3)
  return p.binary('multiply', twice(p, p.binary('add', tail(p, r), ONE)), scale)
}

function expm1(p: VectorProgram, x: VectorValue): VectorValue {
  const { r, scale } = reduce(p, x, -20)
  const product = p.binary('multiply', tail(p, r), scale)
  return twice(p, p.binary('add', product, p.binary('subtract', scale, float(0.5))))
}

function tanh(p: VectorProgram, x: VectorValue): VectorValue {
  const t = expm1(p, twice(p, atMost(p, abs(p, x), 10)))
  return withSign(p, p.binary('divide', t, p.binary('add', t, TWO)), x)
}

function sigmoid(p: VectorProgram, x: VectorValue): VectorValue {
  const sum = p.binary('add', exp(p, p.binary('xor', x, SIGN)), ONE)
  const y = p.binary('divide', ONE, sum)
  return p.binary('andNot', p.compare('less', y, float(SMALLEST_NORMAL)), y)
}

/** x = n ln 2 + r, and scale = 2^(n-1), or 0 for n = -126. */
function reduce(p: VectorProgram, x: VectorValue, lowest: number): { r: VectorValue; scale: VectorValue } {
  const inside = p.binary('maximum', float(lowest), atMost(p, x, 89))
  const n = p.unary('nearest', p.binary('multiply', inside, float(LOG2_E)))
  const rest = p.multiplyAdd(n, float(-LN2_HIGH), inside)
  const r = p.multiplyAdd(n, float(-LN2_LOW), rest)
  const exponent = p.binary('addIntegers', p.unary('toIntegers', n), { bits: 126 })
  return { r, scale: p.shift('left', exponent, 23) }
}

/** exp(r) - 1 = r^2 * tail(r) + r. */
function tail(p: VectorProgram, r: VectorValue): VectorValue {
  const square = p.binary('multiply', r, r)
  return p.multiplyAdd(p.polynomial(r, EXP_TAIL), square, r)
}

function log(p: VectorProgram, x: VectorValue): VectorValue {
  const subnormal = p.compare('less', x, float(SMALLEST_NORMAL))
  const scaled = p.choose(subnormal, p.binary('multiply', x, float(2 ** 23)), x)
  const high = p.shift('rightSigned', p.binary('subtractIntegers', scaled, { bits: SQRT_HALF_BITS }), 23)
  const near = p.binary('subtractIntegers', scaled, p.shift('left', high, 23))
  const t = p.binary('subtract', near, ONE)
  const lifted = p.binary('and', subnormal, { bits: 23 })
  const exponent = p.unary('fromIntegers', p.binary('subtractIntegers', high, lifted))
  const square = p.binary('multiply', t, t)
  const cubic = p.binary('multiply', p.polynomial(t, LOG_TAIL), p.binary('multiply', t, square))
  const low = p.multiplyAdd(exponent, float(LN2_LOW), cubic)
  const linear = p.binary('add', p.multiplyAdd(square, float(-0.5), low), t)
  const y = p.multiplyAdd(exponent, float(LN2_HIGH), linear)
  const finite = p.choose(p.compare('equal', x, float(0)), float(-Infinity), y)
  const any = p.choose(p.compare('equal', x, float(Infinity)), x, finite)
  // Numbers below 0 and NaN give NaN.
  return p.binary('or', any, p.binary('xor', p.compare('atMost', float(0), x), { bits: -1 }))
}

function log1p(p: VectorProgram, x: VectorValue): VectorValue {
  const u = p.binary('add', x, ONE)
  const y = log(p, u)
  const made = p.binary('multiply', y, p.binary('divide', x, p.binary('subtract', u, ONE)))
  const finite = p.choose(p.compare('less', u, float(Infinity)), made, y)
  return p.choose(p.compare('equal', u, ONE), x, finite)
}

function softplus(p: VectorProgram, x: VectorValue): VectorValue {
  const y = log1p(p, exp(p, p.binary('or', x, SIGN)))
  return p.binary('add', y, p.binary('maximum', float(0), x))
}

function erf(p: VectorProgram, x: VectorValue): VectorValue {
  const near = p.binary('multiply', p.polynomial(p.binary('multiply', x, x), ERF_NEAR), x)
  const power = p.polynomial(atMost(p, abs(p, x), 4), ERF_FAR)
  const far = withSign(p, p.binary('subtract', ONE, exp(p, power)), x)
  return p.choose(p.compare('less', abs(p, x), ONE), near, far)
}
