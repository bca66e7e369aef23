import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { EPSILON } from '../epsilon.ts'
import { ShapeError } from '../shape-error.ts'

type AxisConfig = { readonly axis: number | readonly number[] }

export function axisOption() {
  return z
    .union([z.int(), z.array(z.int()).min(1)])
    .default(0)
    .describe(
      'Axis or axes of the vectors: 0 for the weights into each unit of a dense layer, [0, 1, 2] for the filters of a conv2d',
    )
}

/** Refuses axes that the parameter does not have. */
export function checkAxis({ axis }: AxisConfig, shape: Shape): void {
  const wrong = [axis].flat().find((at) => at >= shape.length || at < -shape.length)
  if (wrong === undefined) return
  throw new ShapeError(`a constraint has axis ${wrong}, but the weights have the shape [${shape.join(', ')}]`)
}

/** The Euclidean norms of the vectors along the axes, which are kept with length 1. */
export function norms(b: Builder, x: Value, { axis }: AxisConfig): Value {
  return b.sqrt(b.sum(b.square(x), axis, true))
}

/** x with its vectors scaled from their norms to the given ones. */
export function rescaled(b: Builder, x: Value, norm: Value, wanted: Value | number): Value {
  return b.mul(x, b.div(wanted, b.add(norm, EPSILON)))
}
