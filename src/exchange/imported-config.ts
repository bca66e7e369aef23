import { stringify } from 'yaml'

import { buildGraph } from '../model/build.ts'
import { isMap } from '../registry.ts'
import { modelSection } from '../spec/schema/model.ts'
import type { ReadModel, ReadNetwork, WrittenOptions } from './foreign-model.ts'
import { shorten } from './keras/read-objects.ts'

/** The section `model` as a person writes it: without names and links that follow from the order. */
export function writtenModel({ inputs, network }: ReadModel): Readonly<Record<string, unknown>> {
  const { layers, outputs } = network
  const names = Object.keys(inputs)
  const isPlain = names.length === 1 && names[0] === 'input'
  return {
    ...(isPlain ? { input: inputs['input'] } : { inputs }),
    layers: writtenLayers(network),
    ...((outputs.length > 1 || outputs[0] !== layers.at(-1)?.name) && { outputs }),
  }
}

function writtenLayers({ inputs, layers }: ReadNetwork): unknown[] {
  const names = inputs.map(({ name }) => name)
  const written = layers.map(({ name, from, network, ...layer }, i) => {
    const before = i === 0 ? (names.length === 1 ? names[0] : undefined) : layers[i - 1]?.name
    const isNext = from.length === 1 && from[0] === before
    return {
      name,
      ...layer,
      ...(!isNext && { from: from.length === 1 ? from[0] : from }),
      ...(network && { layers: writtenLayers(network) }),
    }
  })
  return withoutDefaultNames(written, names)
}

/** Layers without the names that they have by default, where nothing goes by a name inside them. */
function withoutDefaultNames(
  layers: readonly (WrittenOptions & { readonly name: string })[],
  inputs: readonly string[],
): unknown[] {
  const kept = new Set<number>()
  for (;;) {
    const written = layers.map(({ name, ...layer }, i) => (kept.has(i) ? { name, ...layer } : shorten(layer)))
    const shapes = Object.fromEntries(inputs.map((name) => [name, [1]]))
    const parsed = modelSection().safeParse({ inputs: shapes, layers: written.map(unlinked) })
    const nodes = parsed.data ? buildGraph(parsed.data).outline.nodes : []
    const own = nodes.filter(({ model }) => model === undefined)
    const named = new Map(own.map(({ path, name }) => [path.at(-1), name]))
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
  const { layers, ...rest } = writtenModel(model)
  const lines = [
    `# Imported from ${source}; ${weights} holds its weights. Add a data section to train it.`,
    ...(model.notes ?? []).map((note) => `# ${note}`),
    `name: ${flow(model.name)}`,
    '',
    'model:',
    ...Object.entries(rest).map(([key, value]) => `  ${key}: ${flow(value)}`),
    '  layers:',
    ...layerLines(layers, '    '),
    ...(model.compile ? ['', 'compile:'] : []),
    ...Object.entries(model.compile ?? {}).map(([key, value]) => `  ${key}: ${flow(value)}`),
  ]
  return `${lines.join('\n')}\n`
}

/** A layer a line; those of a model inside the model below it. */
function layerLines(layers: unknown, indent: string): string[] {
  const list: readonly unknown[] = Array.isArray(layers) ? layers : []
  return list.flatMap((layer) => {
    if (!isMap(layer) || layer['type'] !== 'model') return `${indent}- ${flow(layer)}`
    const { layers: inner, ...options } = layer
    const keys = Object.entries(options).map(([key, value]) => `${key}: ${flow(value)}`)
    const lines = [...keys, 'layers:'].map((line, i) => `${indent}${i === 0 ? '- ' : '  '}${line}`)
    return [...lines, ...layerLines(inner, `${indent}    `)]
  })
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}
