import * as z from 'zod'

import type { Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { defineLayer } from './layer.ts'

/** Keras symbol: keras.layers.Permute. */
export const permute = defineLayer({
  type: 'permute',
  summary: 'Reorders the axes',
  options: () => ({
    dims: z
      .array(z.int().positive())
      .min(1)
      .describe('The new order of the axes, counted from 1: [2, 1] swaps the first two'),
  }),
  shapedBy: ['dims'],
  outputShape({ dims }, input) {
    const axes = input.map((_, i) => i + 1)
    if (dims.length !== axes.length || axes.some((axis) => !dims.includes(axis))) {
      throw new ShapeError(`dims [${dims.join(', ')}] is not an order of the axes of [${input.join(', ')}]`, {
        option: 'dims',
        hint: `name each of ${axes.join(', ')} once`,
      })
    }
    return permuted(dims, input)
  },
  forward: ({ b }, { dims }, x) => b.transpose(x, [0, ...dims]),
  topology: (keras, { dims }, input) =>
    keras.layer('Permute', { dims }, [input], permuted(dims, input.shape)),
})

function permuted(dims: Shape, input: Shape): Shape {
  return dims.map((axis) => input[axis - 1] ?? 0)
}
