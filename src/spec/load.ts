import { basename } from 'node:path'

import type * as z from 'zod'

import { layers } from '../components/layers/index.ts'
import type { Problem } from '../diagnostic.ts'
import { compileSection } from './compile.ts'
import type { CompileSpec } from './compile.ts'
import { DataSpec } from './data.ts'
import { checkpointSection, fitSection } from './fit.ts'
import type { CheckpointSpec, FitSpec } from './fit.ts'
import { draftOf, modelSection } from './model.ts'
import type { LayerDraft, ModelDraft } from './model.ts'
import { problemsOf } from './problems.ts'
import { specSchema } from './spec.ts'
import type { Spec } from './spec.ts'
import type { Data } from './tree.ts'

/** The values of a config that are valid by themselves, whatever else is wrong with it. */
export type Parts = {
  readonly data: DataSpec | undefined
  readonly model: ModelDraft | undefined
  readonly compile: Partial<CompileSpec>
  readonly fit: Partial<FitSpec>
  readonly checkpoint: CheckpointSpec | undefined
}

/** With problems, `spec` is missing. */
export type Parsed = {
  readonly spec?: Spec
  readonly parts: Parts
  readonly problems: readonly Problem[]
}

/** Checks plain data against the schema, filling in every default. Top-level keys that begin with x- are the user's own. */
export function parseSpec(written: Data, file: string): Parsed {
  const data = Object.fromEntries(Object.entries(written).filter(([key]) => !key.startsWith('x-')))
  const schema = specSchema()
  const result = schema.safeParse(data)
  if (!result.success) return { parts: validParts(data), problems: problemsOf(result.error, data, schema) }
  const name = result.data.name ?? nameOf(file)
  const spec = { ...result.data, name }
  return { spec, parts: { ...spec, model: draftOf(spec.model) }, problems: [] }
}

/** The file's name without its ending, of characters that may name a folder. */
function nameOf(file: string): string {
  const stem = basename(file).replace(/\.[^.]*$/, '')
  return stem.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'run'
}

function validParts(data: Data): Parts {
  const compile = mapOf(data['compile'])
  const fit = mapOf(data['fit'] ?? {})
  const model = data['model'] === undefined ? undefined : mapOf(data['model'])
  const { loss, loss_weights, optimizer, metrics, weighted_metrics } = compileSection().shape
  const { callbacks, class_weight } = fitSection().shape
  return {
    data: DataSpec.safeParse(data['data']).data,
    model: model && readDraft(model),
    compile: {
      ...valid('loss', loss, compile),
      ...valid('loss_weights', loss_weights, compile),
      ...valid('optimizer', optimizer, compile),
      ...valid('metrics', metrics, compile),
      ...valid('weighted_metrics', weighted_metrics, compile),
    },
    fit: { ...valid('callbacks', callbacks, fit), ...valid('class_weight', class_weight, fit) },
    checkpoint: checkpointSection().safeParse(data['checkpoint'] ?? {}).data,
  }
}

function valid<Key extends string, T>(key: Key, schema: z.ZodType<T>, data: Data): { [K in Key]?: T } {
  const result = schema.safeParse(data[key])
  const found: { [K in Key]?: T } = {}
  if (result.success) found[key] = result.data
  return found
}

function mapOf(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** What can be said of a model that is not valid as a whole. */
function readDraft(model: Data): ModelDraft {
  const { input, inputs, outputs } = modelSection().shape
  const names = inputs.safeParse(model['inputs']).data ?? mapOf(model['inputs'])
  const shape = input.safeParse(model['input']).data
  const written = Array.isArray(model['layers']) ? model['layers'] : []
  return {
    inputs:
      model['inputs'] === undefined
        ? [{ name: 'input', shape }]
        : Object.entries(names).map(([name, value]) => ({ name, shape: input.safeParse(value).data })),
    written: ['input', 'inputs'].filter((key) => model[key] !== undefined),
    layers: written.map(readLayer),
    outputs: outputs.safeParse(model['outputs']).data,
    complete: false,
  }
}

function readLayer(value: unknown): LayerDraft {
  const config = layers.ref().safeParse(value).data
  if (config) return { config }
  const { type, name } = typeof value === 'string' ? { type: value, name: undefined } : mapOf(value)
  const known = typeof type === 'string' ? layers.find(type)?.type : undefined
  return { ...(known !== undefined && { type: known }), ...(typeof name === 'string' && { name }) }
}
