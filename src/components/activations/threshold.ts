import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { above, affine } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.threshold. */
export const threshold = defineActivation({
  type: 'threshold',
  summary: 'x where it is above a threshold, else a default value',
  options: () => ({
    threshold: z.number().describe('Largest input that is replaced'),
    default_value: z.number().describe('Output up to the threshold'),
  }),
  topology: (keras, config, x) =>
    affine(
      keras,
      above(keras, affine(keras, x, 1, -config.default_value), config.threshold - config.default_value),
      1,
      config.default_value,
    ),
  flat: ({ default_value }) => ({ off: default_value }),
  apply: (b, x, config) => b.select(b.greater(x, config.threshold), x, config.default_value),
})
