import type { Builder } from '../builder.ts'
import { sameShape } from '../ir.ts'
import type { BinaryFunction, Value } from '../ir.ts'
import { uniformNumber } from './constants.ts'
import type { RewriteRule } from './rewrite.ts'

/** Elementwise algebra: neutral elements, signs moved outwards, powers by number, constants on the right and merged. */
export const simplifyArithmetic: RewriteRule = {
  replace(b, value) {
    switch (value.op) {
      case 'unary':
        return unary(b, value)
      case 'binary':
        return ordered(b, value) ?? withNumber(b, value) ?? binary(b, value)
      case 'select':
        return select(b, value)
      case 'stop_gradient':
        return value.x
      default:
        return undefined
    }
  },
}

function unary(b: Builder, { function: name, x }: Value<'unary'>): Value | undefined {
  const inside = negated(x)
  if (name === 'neg') {
    if (inside !== undefined) return inside
    if (x.op === 'binary' && x.function === 'sub') return b.sub(x.b, x.a)
    const factor = x.op === 'binary' && x.function === 'mul' ? uniformNumber(x.b) : undefined
    return x.op === 'binary' && factor !== undefined
      ? b.mul(x.a, b.broadcast(b.constant(-factor), x.b.shape))
      : undefined
  }
  if (name === 'square' && inside !== undefined) return b.square(inside)
  if (name === 'abs' && inside !== undefined) return b.abs(inside)
  const idempotent =
    name === 'abs' || name === 'relu' || name === 'floor' || name === 'ceil' || name === 'sign'
  return idempotent && x.op === 'unary' && x.function === name ? x : undefined
}

/** The operand of a negation. */
function negated(value: Value): Value | undefined {
  return value.op === 'unary' && value.function === 'neg' ? value.x : undefined
}

type Binary = Value<'binary'>

const COMMUTATIVE: readonly BinaryFunction[] = ['add', 'mul', 'max', 'min', 'equal']

/** Operands of a commutative function in one order: constants last, else as they were made. */
function ordered(b: Builder, { function: name, a, b: c }: Binary): Value | undefined {
  if (!COMMUTATIVE.includes(name)) return undefined
  const [first, second] = [uniformNumber(a) !== undefined, uniformNumber(c) !== undefined]
  const swap = first === second ? a.id > c.id : first
  return swap ? b.append({ op: 'binary', function: name, a: c, b: a }) : undefined
}

/** One operand is a number. Products and quotients by 0 stay: 0 times infinity is not 0. */
function withNumber(b: Builder, value: Binary): Value | undefined {
  const { function: name, a, b: c, shape } = value
  const [left, right] = [uniformNumber(a), uniformNumber(c)]
  const same = (x: Value): Value => b.broadcast(x, shape)
  switch (name) {
    case 'add':
      return right === 0 ? same(a) : undefined
    case 'sub':
      if (right === 0) return same(a)
      return left === 0 ? same(b.neg(c)) : undefined
    case 'mul':
      if (right === 1) return same(a)
      if (right === -1) return same(b.neg(a))
      return right === undefined ? undefined : mergeFactors(b, a, right, value)
    case 'div':
      if (right === 1) return same(a)
      // Exact: the reciprocal of a power of two.
      if (right !== undefined && isPowerOfTwo(right))
        return b.mul(a, b.broadcast(b.constant(1 / right), c.shape))
      return undefined
    case 'pow': {
      const power = right === undefined ? undefined : powerOf(b, a, right)
      return power && same(power)
    }
    default:
      return undefined
  }
}

/** (x * c) * d as x * (c * d), where that neither overflows nor loses digits. */
function mergeFactors(b: Builder, a: Value, factor: number, { b: c }: Binary): Value | undefined {
  if (a.op !== 'binary' || a.function !== 'mul' || !sameShape(a.shape, a.a.shape)) return undefined
  const inner = uniformNumber(a.b)
  if (inner === undefined) return undefined
  const product = Math.fround(inner * factor)
  const exact = product !== 0 && Number.isFinite(product) && Math.abs(product) > 1e-30
  return exact ? b.mul(a.a, b.broadcast(b.constant(product), c.shape)) : undefined
}

function isPowerOfTwo(x: number): boolean {
  const exponent = Math.log2(Math.abs(x))
  return Number.isInteger(exponent) && Math.abs(exponent) <= 100
}

function powerOf(b: Builder, x: Value, exponent: number): Value | undefined {
  switch (exponent) {
    case 0:
      return b.constant(1)
    case 0.5:
      return b.sqrt(x)
    case -0.5:
      return b.rsqrt(x)
    case 1:
      return x
    case -1:
      return b.div(1, x)
    case 2:
      return b.square(x)
    case 3:
      return b.mul(b.square(x), x)
    default:
      return undefined
  }
}

function binary(b: Builder, { function: name, a, b: c }: Binary): Value | undefined {
  const [left, right] = [negated(a), negated(c)]
  switch (name) {
    case 'add':
      if (right !== undefined) return b.sub(a, right)
      return left === undefined ? undefined : b.sub(c, left)
    case 'sub':
      return right === undefined ? undefined : b.add(a, right)
    case 'mul':
      if (left !== undefined) return b.neg(b.mul(left, c))
      if (right !== undefined) return b.neg(b.mul(a, right))
      return a === c ? b.square(a) : undefined
    case 'div':
      if (left !== undefined) return b.neg(b.div(left, c))
      return right === undefined ? undefined : b.neg(b.div(a, right))
    default:
      return undefined
  }
}

function select(b: Builder, { condition, a, b: c, shape }: Value<'select'>): Value | undefined {
  const number = uniformNumber(condition)
  if (number !== undefined) return b.broadcast(number !== 0 ? a : c, shape)
  return a === c ? b.broadcast(a, shape) : undefined
}
