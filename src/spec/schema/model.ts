import * as z from 'zod'

import { layers } from '../../components/layers/index.ts'

function inputShape() {
  return z.array(z.int().positive()).describe('Shape of one row, as [features] or [height, width, channels]')
}

/** The section `model:`. */
export function modelSection() {
  return z
    .strictObject({
      input: inputShape().optional().describe('Shape of one row of the only input, as in [28, 28, 1]. Default: that of the features'),
      inputs: z
        .record(z.string().min(1), inputShape())
        .optional()
        .describe('For several inputs: the shape of each, by name. Default: those of data.inputs'),
      defaults: z
        .record(z.string(), z.record(z.string(), z.unknown()))
        .optional()
        .describe(
          'Options of all layers of a type that do not set them, as in {dense: {kernel_initializer: he_normal}}',
        ),
      layers: z
        .array(layers.ref())
        .min(1)
        .describe('The layers; each takes the output of the one before it, or of those in its `from`'),
      outputs: z
        .union([z.string(), z.array(z.string()).min(1)])
        .optional()
        .describe('The layers whose outputs the model returns; default: the last layer'),
    })
    .describe('The network')
}
export type ModelSpec = z.output<ReturnType<typeof modelSection>>
