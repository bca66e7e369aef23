import type { ExpressionBuilder } from '../expression-builder.ts'
import type { Shape, Value } from '../ir.ts'

/** The sum of a gradient over the axes along which an operand of `shape` was broadcast. */
export function reduceTo(b: ExpressionBuilder, gradient: Value, shape: Shape): Value {
  const missing = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  )
  return b.reshape(axes.length === 0 ? gradient : b.sum(gradient, axes), shape)
}
