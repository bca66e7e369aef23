import * as z from 'zod'

import { ShapeError } from '../shape-error.ts'
import { defineLayer } from './layer.ts'

/** Keras symbol: keras.layers.RepeatVector. */
export const repeatVector = defineLayer({
  type: 'repeat_vector',
  summary: 'Makes a sequence of n equal steps of a vector [features]',
  options: () => ({ n: z.int().positive().describe('Number of steps') }),
  shapedBy: ['n'],
  outputShape({ n }, input) {
    if (input.length === 1) return [n, ...input]
    throw new ShapeError(`repeat_vector takes [features], got [${input.join(', ')}]`, {
      hint: 'put a flatten layer before it',
    })
  },
  forward({ b }, { n }, x) {
    const [batch = 0, features = 0] = x.shape
    return b.broadcast(b.reshape(x, [batch, 1, features]), [batch, n, features])
  },
  topology: (keras, { n }, input) => keras.layer('RepeatVector', { n }, [input], [n, ...input.shape]),
})
