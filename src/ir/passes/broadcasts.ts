import type { Builder } from '../builder.ts'
import { sizeOf } from '../ir.ts'
import type { Op, Value } from '../ir.ts'
import { operands, withOperands } from '../ops/index.ts'
import { uniformNumber } from './constants.ts'
import type { RewriteRule } from './rewrite.ts'

/** Work on what is small and broadcast the result: elementwise operations, reductions, rearrangements of one element. */
export const sinkBroadcasts: RewriteRule = {
  replace(b, value) {
    switch (value.op) {
      case 'unary':
        return value.x.op === 'broadcast'
          ? b.broadcast(b.append({ ...value, x: value.x.x }), value.shape)
          : undefined
      case 'binary':
      case 'select': {
        const narrow = withOperands<Op>(value, (operand) => narrowed(b, operand))
        const before = operands(value)
        const same = operands(narrow).every((operand, i) => operand === before[i])
        return same ? undefined : b.broadcast(b.append(narrow), value.shape)
      }
      case 'reduce':
        return value.x.op === 'broadcast' ? reduce(b, value, value.x) : undefined
      case 'broadcast':
        if (value.x.op === 'broadcast') return b.broadcast(value.x.x, value.shape)
        return sizeOf(value.shape) === sizeOf(value.x.shape) ? b.reshape(value.x, value.shape) : undefined
      case 'cast':
      case 'reshape':
      case 'transpose':
      case 'slice':
      case 'take':
      case 'reverse':
        return oneElement(b, value, value.x)
      default:
        return undefined
    }
  },
}

/** The operand without the axes that an elementwise operation adds itself: a number needs none. */
function narrowed(b: Builder, value: Value): Value {
  const number = value.shape.length > 0 ? uniformNumber(value) : undefined
  if (number !== undefined) return b.constant(number)
  return value.op === 'broadcast' ? value.x : value
}

/** A rearrangement of a tensor whose elements are all one. */
function oneElement(b: Builder, { shape, dtype, op }: Value, x: Value): Value | undefined {
  if (x.op !== 'broadcast' || sizeOf(x.x.shape) !== 1) return undefined
  const element = b.reshape(x.x, [])
  return b.broadcast(op === 'cast' ? b.cast(element, dtype) : element, shape)
}

/** Along an axis of equal elements, a sum is a product and an extreme is the element. */
function reduce(b: Builder, value: Value<'reduce'>, { shape, x }: Value<'broadcast'>): Value | undefined {
  if (value.function === 'prod') return undefined
  const lead = shape.length - x.shape.length
  const full = shape.map((_, axis) => (axis < lead ? 1 : (x.shape[axis - lead] ?? 1)))
  const repeated = value.axes.filter((axis) => full[axis] === 1 && shape[axis] !== 1)
  if (repeated.length === 0) return undefined
  const times = repeated.reduce((total, axis) => total * (shape[axis] ?? 1), 1)
  const partial = b.append({ ...value, x: b.reshape(x, full) })
  return b.broadcast(value.function === 'sum' ? b.mul(partial, times) : partial, value.shape)
}
