import type { Builder } from '../builder.ts'
import { sameShape, sizeOf } from '../ir.ts'
import type { Value } from '../ir.ts'
import type { RewriteRule, Usage } from './rewrite.ts'

/**
 * Moves factors out of sums and matrix products where the result has fewer elements to multiply: as accurate, since the
 * same roundings happen in another order.
 */
export const moveFactorsOut: RewriteRule = {
  replace(b, value, usage) {
    switch (value.op) {
      case 'reduce':
        return value.function === 'sum' ? sum(b, value, usage) : undefined
      case 'matmul':
        return matmul(b, value, usage)
      default:
        return undefined
    }
  },
}

function sum(b: Builder, value: Value<'reduce'>, usage: Usage): Value | undefined {
  const { x, axes } = value
  if (sizeOf(value.shape) === sizeOf(x.shape) || !usage.once(x)) return undefined
  const total = (of: Value): Value => b.sum(of, axes)
  if (x.op === 'unary' && x.function === 'neg') return b.neg(total(x.x))
  if (x.op !== 'binary' || (x.function !== 'mul' && x.function !== 'div')) return undefined
  /** A factor that does not vary along the summed axes, in the shape of the sum. */
  const constantAlong = (factor: Value): Value | undefined => {
    const lead = x.shape.length - factor.shape.length
    const lengths = x.shape.map((_, axis) => (axis < lead ? 1 : (factor.shape[axis - lead] ?? 1)))
    if (axes.some((axis) => lengths[axis] !== 1)) return undefined
    return b.reshape(
      factor,
      lengths.filter((_, axis) => !axes.includes(axis)),
    )
  }
  const right = sameShape(x.a.shape, x.shape) ? constantAlong(x.b) : undefined
  if (right !== undefined) return x.function === 'mul' ? b.mul(total(x.a), right) : b.div(total(x.a), right)
  const left = x.function === 'mul' && sameShape(x.b.shape, x.shape) ? constantAlong(x.a) : undefined
  return left && b.mul(total(x.b), left)
}

function matmul(b: Builder, value: Value<'matmul'>, usage: Usage): Value | undefined {
  const { a, b: c, transposeA, transposeB, shape } = value
  const flags = { transposeA, transposeB }
  const saves = (operand: Value): boolean => usage.once(operand) && sizeOf(shape) < sizeOf(operand.shape)
  const left = saves(a) ? split(b, a) : undefined
  if (left !== undefined) return left.onto(b.matmul(left.rest, c, flags))
  const right = saves(c) ? split(b, c) : undefined
  return right?.onto(b.matmul(a, right.rest, flags))
}

/** A tensor times one number. */
function split(b: Builder, x: Value): { rest: Value; onto: (product: Value) => Value } | undefined {
  if (x.op === 'unary' && x.function === 'neg') return { rest: x.x, onto: (product) => b.neg(product) }
  if (x.op !== 'binary' || (x.function !== 'mul' && x.function !== 'div')) return undefined
  const scale =
    (factor: Value) =>
    (product: Value): Value =>
      x.function === 'mul' ? b.mul(product, b.reshape(factor, [])) : b.div(product, b.reshape(factor, []))
  if (sizeOf(x.b.shape) === 1 && sameShape(x.a.shape, x.shape)) return { rest: x.a, onto: scale(x.b) }
  const swapped = x.function === 'mul' && sizeOf(x.a.shape) === 1 && sameShape(x.b.shape, x.shape)
  return swapped ? { rest: x.b, onto: scale(x.a) } : undefined
}
