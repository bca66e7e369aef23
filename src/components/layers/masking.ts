import * as z from 'zod'

import { defineLayer } from './layer.ts'
import { ShapeError } from '../shape-error.ts'

/** Keras symbol: keras.layers.Masking. */
export const masking = defineLayer({
  type: 'masking',
  summary: 'Marks the steps at which every feature has one value, for the layers after it to skip',
  masking: 'use',
  options: () => ({ mask_value: z.number().default(0).describe('The value') }),
  outputShape(_config, input) {
    if (input.length === 2) return input
    throw new ShapeError(`expected an input of shape [steps, features], got [${input.join(', ')}]`)
  },
  forward({ b, setMask }, { mask_value }, x) {
    const differs = b.sub(1, b.equal(x, mask_value))
    const kept = b.reduceMax(differs, -1, true)
    setMask(b.reshape(kept, x.shape.slice(0, 2)))
    return b.select(kept, x, 0)
  },
  topology(keras, { mask_value }, input) {
    const output = keras.layer('Masking', { mask_value }, [input], input.shape)
    return { ...output, masked: true, origin: output.layer }
  },
})
