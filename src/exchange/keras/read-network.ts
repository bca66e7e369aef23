// The layers of a model that Keras saved, and those of the models inside it.
import { layers as family } from '../../components/layers/index.ts'
import type { ReadLayer, ReadNetwork, WrittenOptions } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import { UniqueNames, validName } from '../layer-names.ts'
import { equivalentOf } from './equivalents.ts'
import { makesMasks, withDroppedMasks } from './dropped-masks.ts'
import type { MaskedCalls } from './dropped-masks.ts'
import { CallReader } from './read-calls.ts'
import type { Call } from './read-calls.ts'
import { listOf, mapOf, readObject } from './read-objects.ts'
import type { Json } from './read-objects.ts'
import { asOperation, isOperation, readOperation } from './read-operations.ts'
import { tensorsIn } from './tensors.ts'
import type { TensorReference } from './tensors.ts'

/** A model that Keras saved, or one inside another. */
export type KerasNetwork = Omit<ReadNetwork, 'inputs'> & {
  /** Names and layers of its inputs, in order. */
  readonly inputs: readonly { readonly name: string; readonly entry: Json }[]
  /** The names that the file has for the layers of the outputs. */
  readonly ends: readonly string[]
  /** The layers as the file has them. */
  readonly stored: readonly StoredName[]
}

/** A layer of a file: its class there, its name there and here; where it is a model, its layers. */
export type StoredName = {
  readonly className: string
  readonly key: string
  readonly name: string
  readonly layers?: readonly StoredName[] | undefined
}

/** Classes of models that consist of layers. */
export const MODEL_CLASSES: ReadonlySet<unknown> = new Set(['Sequential', 'Functional', 'Model'])
/** The name of an input that has none. */
const INPUT = 'input'

type LayerEntry = {
  readonly key: string
  readonly className: string
  readonly entry: Json
  readonly calls: readonly Call[]
}

/** The layers of a model as its file has them, the keys of its inputs, and its outputs. */
type Connections = {
  readonly entries: readonly LayerEntry[]
  readonly inputKeys: readonly string[]
  readonly ends: readonly TensorReference[]
}

/** Reads the object of a model; inside another one, `masks` tells that something in the file masks steps. */
export function readNetwork(
  object: Json,
  refuse: Refuse,
  within?: { readonly masks: boolean },
): KerasNetwork {
  const config = mapOf(object['config'])
  // Older files of sequential models hold the list of layers alone.
  const listed = listOf(config['layers'] ?? object['config']).map(mapOf)
  const masks = within?.masks ?? makesMasks(object)
  const { entries, inputKeys, ends } =
    object['class_name'] === 'Sequential'
      ? chained(listed, config['build_input_shape'])
      : connected(listed, config, refuse)
  const names = new LayerNames(entries, inputKeys)
  const networks = new Map(
    entries.map(({ key, className, entry }) => [
      key,
      MODEL_CLASSES.has(className) ? readNetwork(entry, refuse, { masks }) : undefined,
    ]),
  )
  const nameOf = ({ layer, call, tensor }: TensorReference): string => {
    const inner = networks.get(layer)?.outputs[tensor]
    return tensor > 0 && inner !== undefined ? `${names.of(layer, call)}/${inner}` : names.of(layer, call)
  }
  const layers = inOrder(
    entries
      .filter(({ className }) => className !== 'InputLayer')
      .flatMap((entry) => readLayer(entry, networks.get(entry.key), names, nameOf, refuse)),
  )
  const inputs = inputKeys.map((key) => ({
    name: names.of(key, 0),
    entry: entries.find((one) => one.key === key)?.entry ?? {},
  }))
  const masked = within ? inputs.map(({ name }) => name) : []
  return {
    inputs,
    layers: masks
      ? withDroppedMasks(layers, masked, maskedCalls(entries, names, nameOf), names, refuse)
      : layers,
    outputs: ends.map(nameOf),
    ends: ends.map(({ layer }) => layer),
    stored: entries.map(({ key, className }) => ({
      className,
      key,
      name: names.of(key, 0),
      layers: networks.get(key)?.stored,
    })),
  }
}

function maskedCalls(
  entries: readonly LayerEntry[],
  names: LayerNames,
  nameOf: (reference: TensorReference) => string,
): MaskedCalls {
  const calls = entries.flatMap(({ key, entry, calls }) =>
    calls.map((call, i) => {
      const { mask } = mapOf(mapOf(listOf(entry['inbound_nodes'])[i])['kwargs'])
      return { name: names.of(key, i), entry, call, hasMask: tensorsIn(mask).length > 0 }
    }),
  )
  const operations = calls.filter(({ entry }) => isOperation(entry))
  return {
    operations: new Map(
      operations.map(({ name, call }) => [name, new Map(call.map((one) => [nameOf(one), one.shape]))]),
    ),
    given: new Set(calls.filter(({ hasMask }) => hasMask).map(({ name }) => name)),
  }
}

function entryOf(reader: CallReader, refuse: Refuse): (entry: Json) => LayerEntry {
  return (entry) => {
    const key = keyOf(entry)
    const refuseLayer: Refuse = (what) => void refuse(`layer ${key}: ${what}`)
    const calls = listOf(entry['inbound_nodes']).map((call) =>
      reader.call(call, isOperation(entry), refuseLayer),
    )
    return { key, className: String(entry['class_name']), entry, calls }
  }
}

/** All layers, and the operations that outputs depend on; others make masks, which nnlab follows by itself. */
function usedEntries(entries: readonly LayerEntry[], outputs: readonly TensorReference[]): LayerEntry[] {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]))
  const used = new Set(outputs.map(({ layer }) => layer))
  for (const key of used) for (const { layer } of byKey.get(key)?.calls.flat() ?? []) used.add(layer)
  return entries.filter(({ key, entry }) => used.has(key) || !isOperation(entry))
}

/** A model whose layers say what they take. */
function connected(listed: readonly Json[], config: Json, refuse: Refuse): Connections {
  const reader = new CallReader(listed)
  const ends = reader.references(config['output_layers'])
  const entries = listed.map((entry) => asOperation(entry, reader)).map(entryOf(reader, refuse))
  return {
    entries: usedEntries(entries, ends),
    inputKeys: reader.references(config['input_layers']).map(({ layer }) => layer),
    ends,
  }
}

/** A sequential model, each layer of which takes the one before it. */
function chained(listed: readonly Json[], shape: unknown): Connections {
  const [first] = listed
  const { batch_shape, batch_input_shape = batch_shape } = mapOf(first?.['config'])
  const input = { class_name: 'InputLayer', config: { name: INPUT, batch_shape: shape ?? batch_input_shape } }
  const all: readonly Json[] = first?.['class_name'] === 'InputLayer' ? listed : [input, ...listed]
  const ends = all.map((entry) => ({ layer: keyOf(entry), call: 0, tensor: 0 }))
  return {
    entries: all.map((entry, i) => ({
      key: keyOf(entry),
      className: String(entry['class_name']),
      entry,
      calls: i === 0 ? [] : [ends.slice(i - 1, i)],
    })),
    inputKeys: all.slice(0, 1).map(keyOf),
    ends: ends.slice(-1),
  }
}

/** A layer, and for each further call of it a layer that shares its weights. */
function readLayer(
  { key, className, entry, calls }: LayerEntry,
  network: ReadNetwork | undefined,
  names: LayerNames,
  nameOf: (reference: TensorReference) => string,
  refuse: Refuse,
): ReadLayer[] {
  // Keras freezes the layers of a frozen model, too; where none is, the flag has no effect.
  const isFrozen =
    mapOf(entry['config'])['trainable'] === false &&
    network?.layers.some(({ trainable }) => trainable === false) === true
  const inner = network && isFrozen ? { ...network, layers: network.layers.map(thawed) } : network
  const refuseLayer: Refuse = (what) => void refuse(`layer ${key}: ${what}`)
  const read = inner
    ? modelLayer(inner, isFrozen)
    : isOperation(entry)
      ? readOperation(entry, refuseLayer)
      : (equivalentOf(className, mapOf(entry['config'])) ?? readObject(family, entry, refuseLayer))
  if (calls.length === 0) refuse(`layer ${key}: ${className} takes nothing`)
  return calls.flatMap((call, i) => {
    const place = { name: names.of(key, i), from: call.map(nameOf) }
    if (i > 0) return { type: 'shared', with: names.of(key, 0), ...place }
    return read ? { ...read, ...place, network: inner } : []
  })
}

function thawed({ trainable: _trainable, ...layer }: ReadLayer): ReadLayer {
  return layer
}

function modelLayer({ inputs, layers, outputs }: ReadNetwork, frozen: boolean): WrittenOptions {
  const [output] = outputs
  return {
    type: 'model',
    ...(frozen && { trainable: false }),
    ...(inputs.length > 1 && { inputs: inputs.map(({ name }) => name) }),
    ...(output !== layers.at(-1)?.name && { outputs: output }),
  }
}

/** Each layer after those that it takes, else in their order. */
function inOrder(layers: readonly ReadLayer[]): ReadLayer[] {
  const waiting = new Set(layers)
  const here = new Set(layers.map(({ name }) => name))
  const isReady = ({ from }: ReadLayer): boolean => from.every((name) => !here.has(layerOf(name)))
  const ordered: ReadLayer[] = []
  for (let progress = true; progress;) {
    progress = false
    for (const layer of waiting) {
      if (!isReady(layer)) continue
      waiting.delete(layer)
      here.delete(layer.name)
      ordered.push(layer)
      progress = true
    }
  }
  return [...ordered, ...waiting]
}

function layerOf(name: string): string {
  return name.split('/', 1)[0] ?? name
}

/** The name that a file has for a layer. */
export function keyOf(entry: Json): string {
  const { name = entry['name'] } = mapOf(entry['config'])
  return typeof name === 'string' ? name : 'layer'
}

/** Names of layers, of further calls of them, and of others, which are valid in a config and differ from each other. */
class LayerNames {
  readonly #names = new Map<string, string[]>()
  readonly #unique = new UniqueNames()

  constructor(entries: readonly LayerEntry[], inputs: readonly string[]) {
    const unique = this.#unique
    // The only input needs no name.
    const [only, ...others] = inputs
    const plain =
      others.length === 0 && entries.every(({ key }) => key === only || key !== INPUT) ? only : undefined
    for (const { key } of entries) this.#names.set(key, [unique.give(key === plain ? INPUT : validName(key))])
    for (const { key, calls } of entries) {
      const names = this.#names.get(key) ?? []
      for (let i = 1; i < calls.length; i++) names.push(unique.give(`${names[0] ?? key}_${i}`))
    }
  }

  of(key: string, call: number): string {
    return this.#names.get(key)?.[call] ?? key
  }

  give(wanted: string): string {
    return this.#unique.give(wanted)
  }
}
