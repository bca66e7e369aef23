import * as z from 'zod'

import { layers } from '../components/layers/index.ts'

const InputShape = z
  .array(z.int().positive())
  .describe('Shape of one row, as [features] or [height, width, channels]')

/** The section `model:`. */
export function modelSection() {
  return z
    .strictObject({
      input: InputShape.optional().describe('Shape of one row of the only input'),
      inputs: z
        .record(z.string(), InputShape)
        .optional()
        .describe('For several inputs: the shape of each, by name'),
      layers: z
        .array(layers.ref())
        .min(1)
        .describe('The layers; each takes the output of the one before it, or of those in its `from`'),
      outputs: z
        .union([z.string(), z.array(z.string()).min(1)])
        .optional()
        .describe('The layers whose outputs the model returns; default: the last layer'),
    })
    .superRefine(({ input, inputs }, context) => {
      if ((input === undefined) === (inputs === undefined)) {
        const message =
          input === undefined ? 'the model has no input' : 'the model has both `input` and `inputs`'
        const hint =
          'write `input: [64]` for one input, or `inputs: {image: [28, 28, 1], meta: [4]}` for several'
        context.addIssue({ code: 'custom', message, params: { code: 'model-input', hint } })
      }
    })
    .describe('The network')
}
export type ModelSpec = z.output<ReturnType<typeof modelSection>>
