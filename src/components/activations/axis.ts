import * as z from 'zod'

import type { Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import type { KerasTensor, Topology } from '../topology.ts'

/** The option `axis` of a function that works along one axis; as in Keras, axis 0 is the batch. */
export function axisOption(what: string) {
  return z.int().default(-1).describe(`${what}; axis 0 is the batch, negative ones count from the end`)
}

/** Index in a shape without the batch axis of an axis that a key of the config names. */
export function axisIn(shape: Shape, axis: number, type: string, option = 'activation'): number {
  const at = axis < 0 ? shape.length + axis : axis - 1
  if (at in shape) return at
  const last = shape.length
  throw new ShapeError(
    axis === 0 || at === -1
      ? `${type} along axis ${axis} would mix the rows of a batch`
      : `${type} along axis ${axis} needs more axes than [batch, ${shape.join(', ')}] has`,
    { option, hint: `use -1, the last axis${last > 1 ? `, or one of 1 to ${last}` : ''}` },
  )
}

/** Different axes of a shape without the batch axis, for the option `axis` of a layer. */
export function axesIn(shape: Shape, axis: number | Shape, type: string): number[] {
  const axes = [axis].flat().map((one) => axisIn(shape, one, type, 'axis'))
  if (new Set(axes).size === axes.length) return axes
  throw new ShapeError(`axis names one axis of [batch, ${shape.join(', ')}] twice`, {
    option: 'axis',
    hint: 'name each axis once',
  })
}

/** TensorFlow.js works along the last axis only: for another one it is swapped with the last, before and after. */
export function alongLastAxis(
  keras: Topology,
  x: KerasTensor,
  at: number,
  apply: (x: KerasTensor) => KerasTensor,
): KerasTensor {
  const last = x.shape.length - 1
  if (at === last) return apply(x)
  const order = x.shape.map((_, axis) => (axis === at ? last : axis === last ? at : axis))
  const swap = (tensor: KerasTensor): KerasTensor =>
    keras.layer(
      'Permute',
      { dims: order.map((axis) => axis + 1) },
      [tensor],
      order.map((axis) => tensor.shape[axis] ?? 0),
    )
  return swap(apply(swap(x)))
}
