import * as z from 'zod'

import { layers } from '../../components/layers/index.ts'
import type { ComponentConfig } from '../../registry.ts'
import { draftComponent, draftMap, mapOf } from '../check/draft.ts'
import type { Data } from '../document/tree.ts'

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

/** A layer as far as it is valid. */
export type LayerDraft = {
  /** Undefined where its type is not known. */
  readonly config: ComponentConfig | undefined
  /** What it calls itself, valid or not. */
  readonly name?: string
  readonly from?: unknown
}

/** The model section as far as it is valid: a shape that is not stays unknown, and all that follows from it. */
export type ModelDraft = {
  /** Undefined where nothing tells which there are. */
  readonly inputs:
    readonly { readonly name: string; readonly shape: readonly number[] | undefined }[] | undefined
  /** Of the keys `input` and `inputs` those that are written: one, in a valid model. */
  readonly written: readonly string[]
  readonly layers: readonly LayerDraft[]
  readonly outputs: ModelSpec['outputs']
  /** The keys of the section of which nothing is known. */
  readonly doubts: ReadonlySet<string>
}

/** A valid model section. */
export function draftOf({ input, inputs, layers, outputs }: ModelSpec): ModelDraft {
  return {
    inputs: Object.entries(inputs ?? (input ? { input } : {})).map(([name, shape]) => ({ name, shape })),
    written: [...(input ? ['input'] : []), ...(inputs ? ['inputs'] : [])],
    layers: layers.map((config) => ({ config })),
    outputs,
    doubts: new Set(),
  }
}

/** What can be said of a model section that may not be valid as a whole. */
export function readModel(written: Data): ModelDraft {
  const { values, doubts } = draftMap(modelSection().shape, written)
  const { outputs } = modelSection().shape
  const list = Array.isArray(written['layers']) ? written['layers'] : []
  return {
    inputs: readInputs(written, doubts),
    written: ['input', 'inputs'].filter((key) => written[key] !== undefined || doubts.has(key)),
    layers: list.map(readLayer),
    outputs: outputs.safeParse(values['outputs']).data,
    doubts: Array.isArray(written['layers'])
      ? new Set([...doubts].filter((key) => key !== 'layers'))
      : doubts,
  }
}

function readInputs(written: Data, doubts: ReadonlySet<string>): ModelDraft['inputs'] {
  const shape = (value: unknown): readonly number[] | undefined => inputShape().safeParse(value).data
  if (written['inputs'] !== undefined) {
    return Object.entries(mapOf(written['inputs'])).map(([name, value]) => ({ name, shape: shape(value) }))
  }
  return doubts.has('inputs') ? undefined : [{ name: 'input', shape: shape(written['input']) }]
}

function readLayer(value: unknown): LayerDraft {
  const { name, from } = mapOf(value)
  const config = draftComponent(layers, value)
  return { config, ...(typeof name === 'string' && { name }), ...(from !== undefined && { from }) }
}
