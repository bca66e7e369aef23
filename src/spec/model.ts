import * as z from 'zod'

import { layers } from '../components/layers/index.ts'
import type { ComponentConfig } from '../registry.ts'

function inputShape() {
  return z.array(z.int().positive()).describe('Shape of one row, as [features] or [height, width, channels]')
}

/** The section `model:`. */
export function modelSection() {
  return z
    .strictObject({
      input: inputShape().optional().describe('Shape of one row of the only input, as in [28, 28, 1]'),
      inputs: z
        .record(z.string().min(1), inputShape())
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
    .describe('The network')
}
export type ModelSpec = z.output<ReturnType<typeof modelSection>>

/** A layer as far as it is valid: of one that is not, what it is called. */
export type LayerDraft =
  | { readonly config: ComponentConfig }
  | { readonly config?: never; readonly type?: string; readonly name?: string }

/** The model section as far as it is valid: a shape that is not stays unknown, and all that follows from it. */
export type ModelDraft = {
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] | undefined }[]
  /** Of the keys `input` and `inputs` those that are written: one, in a valid model. */
  readonly written: readonly string[]
  readonly layers: readonly LayerDraft[]
  readonly outputs: ModelSpec['outputs']
  /** Whether all of it is valid. */
  readonly complete: boolean
}

/** A valid model section. */
export function draftOf({ input, inputs, layers, outputs }: ModelSpec): ModelDraft {
  return {
    inputs: Object.entries(inputs ?? (input ? { input } : {})).map(([name, shape]) => ({ name, shape })),
    written: [...(input ? ['input'] : []), ...(inputs ? ['inputs'] : [])],
    layers: layers.map((config) => ({ config })),
    outputs,
    complete: true,
  }
}
