import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { isKnown } from '../unknown-size.ts'
import { defineLayer } from './layer.ts'

/** Keras symbol: keras.layers.Reshape. */
export const reshape = defineLayer({
  type: 'reshape',
  summary: 'Gives each row another shape with as many elements',
  options: () => ({
    target_shape: z
      .array(z.int().refine((length) => length === -1 || length > 0, 'expected a positive length, or -1'))
      .describe('Shape of a row; one length may be -1, which follows from the others'),
  }),
  shapedBy: ['target_shape'],
  outputShape: ({ target_shape }, input) => targetShape(target_shape, input),
  forward: ({ b }, { target_shape }, x) =>
    b.reshape(x, [x.shape[0] ?? 0, ...targetShape(target_shape, x.shape.slice(1))]),
  topology: (keras, { target_shape }, input) => {
    const shape = targetShape(target_shape, input.shape)
    return keras.layer('Reshape', { target_shape: shape }, [input], shape)
  },
})

function targetShape(target: Shape, input: Shape): Shape {
  const wanted = sizeOf(target.filter((length) => length !== -1))
  const size = sizeOf(input)
  const open = target.filter((length) => length === -1).length
  if (open > 1)
    throw new ShapeError('only one length of target_shape may be -1', {
      option: 'target_shape',
      hint: 'write the other lengths out',
    })
  if (isKnown(input) && (open === 1 ? size % wanted !== 0 : size !== wanted)) {
    throw new ShapeError(
      `target_shape [${target.join(', ')}] holds ${open === 1 ? `a multiple of ${wanted}` : wanted} elements, but the input [${input.join(', ')}] has ${size}`,
      { option: 'target_shape', hint: `the lengths must multiply to ${size}` },
    )
  }
  return target.map((length) => (length === -1 ? size / wanted : length))
}
