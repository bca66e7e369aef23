import * as z from 'zod'

import { defineLayer } from './layer.ts'
import type { LayerFamily } from './wrapper.ts'

/**
 * A model inside a model. The graph has its layers beside the others, under names that begin with its own; the layer itself
 * stands for its output. Keras symbol: keras.Model.
 */
export const model = (layers: LayerFamily) =>
  defineLayer({
    type: 'model',
    keras: 'Functional',
    composes: true,
    summary: 'A model inside the model: layers of its own, which can be shared as a whole',
    masking: 'pass',
    options: () => ({
      layers: z
        .array(layers().ref())
        .min(1)
        .describe('Its layers; from outside, `from: NAME/LAYER` takes the output of one of them'),
      inputs: z
        .array(z.string())
        .min(1)
        .optional()
        .describe(
          'For several inputs: their names inside it, in the order of `from`; a single one is `input`',
        ),
      outputs: z
        .string()
        .optional()
        .describe('The layer inside it whose output is that of the model; default: the last one'),
    }),
    outputShape: (_config, output) => output,
    forward: (_context, _config, output) => output,
    topology: (_keras, _config, output) => output,
  })
