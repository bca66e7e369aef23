import type { ConfigPath } from '../diagnostic.ts'
import type { Shape } from '../ir/ir.ts'
import { isConfig } from '../registry.ts'
import type { ComponentConfig } from '../registry.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import type { Outline } from './graph.ts'

/** Sizes of a model that its data tells: inputs and vocabularies by input, classes by output. */
export type DataSizes = {
  readonly inputs: ReadonlyMap<string, Shape>
  readonly vocabularies: ReadonlyMap<string, number>
  readonly classes: ReadonlyMap<string, number>
}

/** A word in place of a size, in a layer or in one that this wraps. */
export type SizeWord = {
  readonly word: 'classes' | 'vocabulary'
  readonly layer: string
  /** The place of the option in the config. */
  readonly path: ConfigPath
  /** The outputs that follow from the layer, or the inputs that it follows from: the data of one tells the size. */
  readonly ports: readonly string[]
}

const options: ReadonlyMap<string, SizeWord['word']> = new Map([
  ['units', 'classes'],
  ['input_dim', 'vocabulary'],
])

/** The words in place of sizes. */
export function sizeWords(outline: Outline): SizeWord[] {
  const own = outline.nodes.filter(({ shares }) => shares === undefined)
  return own.flatMap(({ name: layer, path: place, config }) =>
    (config ? wordsIn(config) : []).map(({ word, path }) => {
      const ports = word === 'classes' ? outputsAfter(layer, outline) : inputsBefore(layer, outline)
      return { word, layer, path: [...place, ...path], ports }
    }),
  )
}

function wordsIn(config: ComponentConfig): Pick<SizeWord, 'word' | 'path'>[] {
  return Object.entries(config).flatMap(([option, value]) => {
    const word = options.get(option)
    if (word !== undefined && value === word) return [{ word, path: [option] }]
    return isConfig(value) ? wordsIn(value).map((found) => ({ ...found, path: [option, ...found.path] })) : []
  })
}

function outputsAfter(layer: string, { nodes, outputs = [] }: Outline): string[] {
  const after = new Set([layer])
  for (const node of nodes) if (node.inputs.some((input) => after.has(input))) after.add(node.name)
  return outputs.filter((output) => after.has(output))
}

/** The inputs that a layer depends on. */
export function inputsBefore(layer: string, { inputs = [], nodes }: Outline): string[] {
  const before = new Set([layer])
  for (const node of nodes.toReversed())
    if (before.has(node.name)) for (const input of node.inputs) before.add(input)
  return inputs.flatMap(({ name }) => (before.has(name) ? [name] : []))
}

/** A model section with the sizes that the data tells. */
export function withSizes(model: ModelSpec, outline: Outline, sizes: DataSizes): ModelSpec {
  const inputs = (outline.inputs ?? []).flatMap(({ name }): [string, number[]][] => {
    const shape = sizes.inputs.get(name)
    return shape ? [[name, [...shape]]] : []
  })
  let { layers } = model
  for (const { word, path, ports } of sizeWords(outline)) {
    const [port = ''] = ports
    const size = (word === 'classes' ? sizes.classes : sizes.vocabularies).get(port)
    const [, , index, ...option] = path
    if (size !== undefined)
      layers = layers.map((layer, i) => (i === index ? withOption(layer, option, size) : layer))
  }
  const [first, ...others] = inputs
  if (model.input || model.inputs || !first) return { ...model, layers }
  const isNamed = others.length > 0 || first[0] !== 'input'
  return { ...(isNamed ? { inputs: Object.fromEntries(inputs) } : { input: first[1] }), ...model, layers }
}

function withOption(
  config: ComponentConfig,
  [option = '', ...rest]: ConfigPath,
  size: number,
): ComponentConfig {
  return { ...config, [option]: withSize(config[option], rest, size) }
}

/** The value of an option with a size in its place: the option itself, or one of a layer or a list of layers in it. */
function withSize(value: unknown, path: ConfigPath, size: number): unknown {
  const [index, ...rest] = path
  if (Array.isArray(value))
    return value.map((item: unknown, i) => (i === index ? withSize(item, rest, size) : item))
  return isConfig(value) ? withOption(value, path, size) : size
}

/** A model section with the sizes of another, where it leaves them to the data. */
export function withSizesOf(model: ModelSpec, sized: ModelSpec): ModelSpec {
  const layers = model.layers.map((layer, i) => sizesFrom(layer, sized.layers[i]))
  const { input, inputs } = sized
  return {
    ...(!model.input && !model.inputs && { ...(input && { input }), ...(inputs && { inputs }) }),
    ...model,
    layers,
  }
}

function sizesFrom(config: ComponentConfig, sized: unknown): ComponentConfig {
  if (!isConfig(sized)) return config
  const chosen: Record<string, unknown> = {}
  for (const [option, value] of Object.entries(config)) {
    const size = sized[option]
    if (isConfig(value)) chosen[option] = sizesFrom(value, size)
    else if (Array.isArray(value) && Array.isArray(size))
      chosen[option] = value.map((item: unknown, i) => (isConfig(item) ? sizesFrom(item, size[i]) : item))
    else if (options.get(option) === value && typeof size === 'number') chosen[option] = size
  }
  return { ...config, ...chosen }
}
