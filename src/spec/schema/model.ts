import * as z from 'zod'

import { layers } from '../../components/layers/index.ts'
import { once } from '../../once.ts'

function inputShape() {
  return z.array(z.int().positive()).describe('Shape of one row, as [features] or [height, width, channels]')
}

/** The section `model:`. */
export const modelSection = once(() =>
  z
    .strictObject({
      input: inputShape()
        .optional()
        .describe('Shape of one row of the only input, as in [28, 28, 1]. Default: that of the features'),
      inputs: z
        .record(z.string().min(1), inputShape())
        .optional()
        .describe('For several inputs: the shape of each, by name. Default: those of data.inputs'),
      from: z
        .string()
        .min(1)
        .optional()
        .describe(
          'A trained model whose layers, with their weights, come before those of `layers`: a run, or a model of another program, such as a .keras, .h5 or .onnx file or a folder of TensorFlow.js. The run keeps a copy of it',
        ),
      until: z
        .string()
        .optional()
        .describe('The last layer that is taken of the model in `from`; default: its outputs'),
      weights: z
        .string()
        .min(1)
        .optional()
        .describe(
          'A trained model whose weights are those that training starts with, by the names of layers: a run, or a model of another program, as in `from`',
        ),
      freeze: z
        .array(z.string().min(1))
        .optional()
        .describe(
          'Names of layers, or patterns such as conv*, whose weights training does not change: those of the model in `from`, else of `layers`',
        ),
      keep_transforms: z
        .boolean()
        .optional()
        .describe(
          'Encode the features with the transforms and vocabularies of the model in `from` or `weights`, in place of fitting them to the rows',
        ),
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
    .describe('The network'),
)
export type ModelSpec = z.output<ReturnType<typeof modelSection>>
