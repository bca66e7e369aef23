import type { Problem } from '../diagnostic.ts'
import { matchesGlob } from '../glob.ts'
import { isMap } from '../registry.ts'
import type { ComponentConfig } from '../registry.ts'
import type { ConfigDocument } from './document/document.ts'
import type { ModelSpec } from './schema/model.ts'

/** The key with which a config names a model to start from, where it names one. */
export function baseKey({ data }: ConfigDocument): 'from' | 'weights' | undefined {
  const model = data?.['model']
  const names = isMap(model) ? (['from', 'weights'] as const).filter((key) => model[key] !== undefined) : []
  const [key, another] = names
  const isOne = another === undefined && key !== undefined && isMap(model) && typeof model[key] === 'string'
  return isOne && model[key] !== '' ? key : undefined
}

/**
 * A config whose model has the layers of another before its own, and their inputs where it has none. Without layers of
 * its own it has the outputs of the other, too. What is wrong with a layer of the other is said where that is named.
 */
export function withBaseLayers(document: ConfigDocument, base: ModelSpec): ConfigDocument {
  const { model } = document.data ?? {}
  if (!isMap(model)) return document
  const { from: _from, until: _until, freeze, layers = [], ...written } = model
  const { input, inputs, outputs } = base
  const own: unknown[] | undefined = Array.isArray(layers) ? layers : undefined
  const section = {
    ...(!('input' in written || 'inputs' in written) && (input ? { input } : { inputs })),
    ...(own?.length === 0 && { outputs }),
    ...written,
    ...(freeze !== undefined && { freeze: named(freeze, base.layers) }),
    layers: own ? [...base.layers, ...own] : layers,
  }
  return {
    ...document,
    data: { ...document.data, model: section },
    locate: (problem) => document.locate(inDocument(problem, base.layers)),
    with: (overrides) => withBaseLayers(document.with(overrides), base),
  }
}

/** Patterns of names, with the layers of the other model in place of those that match some. */
function named(freeze: unknown, layers: readonly ComponentConfig[]): unknown {
  if (!Array.isArray(freeze)) return freeze
  return freeze.flatMap((pattern: unknown) => {
    if (typeof pattern !== 'string') return [pattern]
    const names = layers.map(({ name }) => String(name)).filter((name) => matchesGlob(pattern, name))
    return names.length > 0 ? names : [pattern]
  })
}

/** A problem of the whole model at its place in the text. */
function inDocument(problem: Problem, layers: readonly ComponentConfig[]): Problem {
  const [section, key, index, ...rest] = problem.path
  if (section !== 'model') return problem
  if (key === 'freeze') return { ...problem, path: ['model', 'freeze'] }
  if (key !== 'layers' || typeof index !== 'number') return problem
  const layer = layers[index]
  if (layer === undefined) return { ...problem, path: ['model', 'layers', index - layers.length, ...rest] }
  const { at: _, ...saying } = problem
  return { ...saying, path: ['model', 'from'], message: `layer ${String(layer['name'])}: ${problem.message}` }
}
