import * as z from 'zod'

import { ShapeError, defineMergeLayer } from './layer.ts'
import type { Shape } from '../../compiler/ir.ts'

/** Keras symbol: keras.layers.Concatenate. */
export const concatenate = defineMergeLayer({
  type: 'concatenate',
  aliases: ['concat'],
  summary: 'Joins inputs along an axis',
  options: () => ({ axis: z.int().default(-1).describe('The axis; 0 is the batch, -1 the last') }),
  outputShape: ({ axis }, inputs) => joinedShape(inputs, axis),
  forward: ({ b }, { axis }, inputs) => b.concat(inputs, axis),
  topology: (keras, { axis }, inputs) =>
    keras.layer(
      'Concatenate',
      { axis },
      inputs,
      joinedShape(
        inputs.map(({ shape }) => shape),
        axis,
      ),
    ),
})

function joinedShape(inputs: readonly Shape[], axis: number): Shape {
  const [first = []] = inputs
  const at = axis < 0 ? first.length + axis : axis - 1
  if (at < 0 || at >= first.length) {
    throw new ShapeError(
      `axis ${axis} is not an axis of [${first.join(', ')}]; the batch axis cannot be joined`,
      { option: 'axis' },
    )
  }
  const fits = inputs.every(
    (shape) => shape.length === first.length && shape.every((length, i) => i === at || length === first[i]),
  )
  if (!fits) {
    const shapes = inputs.map((shape) => `[${shape.join(', ')}]`).join(' and ')
    throw new ShapeError(`concatenate takes inputs that differ along axis ${axis} only, got ${shapes}`, {
      option: 'from',
    })
  }
  return first.with(
    at,
    inputs.reduce((total, shape) => total + (shape[at] ?? 0), 0),
  )
}
