import { stringify } from 'yaml'

import { buildGraph } from '../model/build.ts'
import { isMap } from '../registry.ts'
import { modelSection } from '../spec/schema/model.ts'
import type { ReadModel } from './keras/read-model.ts'
import { shorten } from './keras/read-objects.ts'

/** The section `model` as a person writes it: without names and links that follow from the order. */
export function writtenModel({ inputs, layers, outputs }: ReadModel): Readonly<Record<string, unknown>> {
  const names = Object.keys(inputs)
  const [only] = Object.values(inputs)
  const isPlain = names.length === 1 && names[0] === 'input'
  const section = {
    ...(isPlain ? { input: only } : { inputs }),
    layers: layers.map(({ name, from, ...layer }, i) => {
      const before = i === 0 ? (names.length === 1 ? names[0] : undefined) : layers[i - 1]?.name
      const isNext = from.length === 1 && from[0] === before
      const [first] = from
      return { name, ...layer, ...(!isNext && { from: from.length === 1 ? first : from }) }
    }),
    ...((outputs.length > 1 || outputs[0] !== layers.at(-1)?.name) && { outputs }),
  }
  return { ...section, layers: withoutDefaultNames(section.layers, inputs) }
}

type LayerWithName = { readonly name: string; readonly type: string; readonly [option: string]: unknown }

/** Layers without the names that they have by default. */
function withoutDefaultNames(layers: readonly LayerWithName[], inputs: ReadModel['inputs']): unknown[] {
  const kept = new Set<number>()
  for (;;) {
    const written = layers.map(({ name, ...layer }, i) => (kept.has(i) ? { name, ...layer } : shorten(layer)))
    const parsed = modelSection().safeParse({ inputs, layers: written.map(unlinked) })
    const named = new Map(
      parsed.data && buildGraph(parsed.data).outline.nodes.map(({ index, name }) => [index, name]),
    )
    const renamed = layers.flatMap(({ name }, i) => (named.get(i) === name || kept.has(i) ? [] : [i]))
    if (renamed.length === 0) return written
    for (const i of renamed) kept.add(i)
  }
}

/** A layer that takes the one before it: names do not depend on links. */
function unlinked(layer: unknown): unknown {
  return isMap(layer) ? { ...layer, from: undefined } : layer
}

/** A config with a network, for a data section to be added. */
export function importedConfig(model: ReadModel, source: string, weights: string): string {
  const flow = (value: unknown): string =>
    stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()
  const { layers, ...rest } = writtenModel(model)
  const lines = [
    `# Imported from ${source}; ${weights} holds its weights. Add a data section to train it.`,
    `name: ${flow(model.name)}`,
    '',
    'model:',
    ...Object.entries(rest).map(([key, value]) => `  ${key}: ${flow(value)}`),
    '  layers:',
    ...(Array.isArray(layers) ? layers : []).map((layer: unknown) => `    - ${flow(layer)}`),
    ...(model.compile ? ['', 'compile:'] : []),
    ...Object.entries(model.compile ?? {}).map(([key, value]) => `  ${key}: ${flow(value)}`),
  ]
  return `${lines.join('\n')}\n`
}
