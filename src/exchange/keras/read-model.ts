// The config.json of a .keras file as sections of a config.
import { layers } from '../../components/layers/index.ts'
import { losses } from '../../components/losses/index.ts'
import { metrics } from '../../components/metrics/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import { RunError } from '../../errors.ts'
import { isMap } from '../../registry.ts'
import type { Refuse } from '../format.ts'
import { readObject, shorten } from './read-objects.ts'
import type { WrittenComponent } from './read-objects.ts'

type Json = Readonly<Record<string, unknown>>

/** A layer of a config, with its name and what it takes. */
export type WrittenLayer = Exclude<WrittenComponent, string> & {
  readonly name: string
  readonly from: readonly string[]
}

/** A model as sections of a config. */
export type ReadModel = {
  readonly name: string
  readonly inputs: Readonly<Record<string, readonly number[]>>
  /** In the order of Keras. */
  readonly layers: readonly WrittenLayer[]
  readonly outputs: readonly string[]
  /** Undefined where the model was saved without, or with what nnlab lacks. */
  readonly compile: Json | undefined
}

/** The name of an input that has none. */
const INPUT = 'input'

export function readModel(file: string, config: unknown, refuse: Refuse): ReadModel {
  const model = mapOf(config)
  const inner = mapOf(model['config'])
  const name = typeof inner['name'] === 'string' ? inner['name'] : 'model'
  const entries = listOf(inner['layers']).map(mapOf)
  if (model['class_name'] !== 'Sequential' && model['class_name'] !== 'Functional') {
    throw new RunError(
      `${file} holds a ${String(model['class_name'])}, not a sequential or functional model`,
      {
        hint: 'a model of a class of its own is Python code, which nnlab does not run',
      },
    )
  }
  const isSequential = model['class_name'] === 'Sequential'
  const placed = isSequential ? chained(entries, inner['build_input_shape']) : entries
  const found = placed.filter(({ class_name }) => class_name === 'InputLayer')
  const inputs = isSequential
    ? found
    : namesIn(inner['input_layers'])
        .map((one) => found.find((entry) => nameOf(entry) === one))
        .filter((entry) => entry !== undefined)
  const read = placed
    .filter(({ class_name }) => class_name !== 'InputLayer')
    .flatMap((entry) => readLayer(entry, refuse) ?? [])
  const ends = isSequential ? read.slice(-1).map((layer) => layer.name) : namesIn(inner['output_layers'])
  const [only, ...others] = inputs.map(nameOf)
  // The only input needs no name.
  const renamed = (one: string): string =>
    one === only && others.length === 0 && read.every((layer) => layer.name !== INPUT) ? INPUT : one
  return {
    name: name.replaceAll(/[^A-Za-z0-9._-]/g, '_'),
    inputs: Object.fromEntries(inputs.map((entry) => [renamed(nameOf(entry)), inputShape(entry, refuse)])),
    layers: read.map((layer) => ({ ...layer, from: layer.from.map(renamed) })),
    outputs: ends.map(renamed),
    compile: isMap(model['compile_config']) ? readCompile(model['compile_config'], ends) : undefined,
  }
}

/** The layers of a sequential model, each of which takes the one before it. */
function chained(entries: readonly Json[], shape: unknown): readonly Json[] {
  const first = entries[0]?.['class_name']
  const input = { class_name: 'InputLayer', config: { name: 'input', batch_shape: shape } }
  const all: readonly Json[] = first === 'InputLayer' ? entries : [input, ...entries]
  return all.map((entry, i) => {
    const before = all[i - 1]
    return before === undefined ? entry : { ...entry, from: [nameOf(before)] }
  })
}

function readLayer(entry: Json, refuse: Refuse): WrittenLayer | undefined {
  const name = nameOf(entry)
  const refuseLayer: Refuse = (what) => void refuse(`layer ${name}: ${what}`)
  const read = readObject(layers, entry, refuseLayer)
  const calls = listOf(entry['inbound_nodes'])
  if (calls.length > 1) refuseLayer('it is used several times')
  const from =
    entry['from'] === undefined
      ? calls.flatMap((call) => tensorsIn(call, refuseLayer))
      : listOf(entry['from'])
  return read && { ...read, name, from: from.map(String) }
}

/** The layers whose outputs a call takes. */
function tensorsIn(call: unknown, refuse: Refuse): string[] {
  if (Array.isArray(call)) return call.flatMap((one: unknown) => tensorsIn(one, refuse))
  if (!isMap(call)) return []
  if (call['class_name'] === '__keras_tensor__') {
    const [layer, node, tensor] = listOf(mapOf(call['config'])['keras_history'])
    if (node !== 0 || tensor !== 0) refuse('it takes another output of a layer than the first')
    return [String(layer)]
  }
  return Object.values(call).flatMap((one) => tensorsIn(one, refuse))
}

/** The names in `["a", 0, 0]`, or in lists of such. */
function namesIn(value: unknown): string[] {
  const entries = isMap(value) ? Object.values(value) : listOf(value)
  return typeof entries[0] === 'string' ? [entries[0]] : entries.flatMap(namesIn)
}

function inputShape(entry: Json, refuse: Refuse): number[] {
  const { batch_shape: shape, batch_input_shape: older } = mapOf(entry['config'])
  return listOf(shape ?? older)
    .slice(1)
    .map((length) => {
      if (typeof length === 'number') return length
      refuse(`input ${nameOf(entry)}: an axis of any length`)
      return 1
    })
}

/** The section `compile`, as far as nnlab has what it says. */
function readCompile(config: Json, outputs: readonly string[]): Json | undefined {
  let known = true
  const refuse: Refuse = () => void (known = false)
  const of = (value: unknown, read: (one: unknown) => unknown): unknown => {
    if (outputs.length === 1) return read(single(value))
    const list = isMap(value) && !('class_name' in value) ? value : undefined
    return Object.fromEntries(
      outputs.map((output, i) => [
        output,
        read(list ? list[output] : Array.isArray(value) ? listOf(value)[i] : value),
      ]),
    )
  }
  const loss = of(config['loss'], (one) => component(losses, one, refuse))
  const optimizer = component(optimizers, config['optimizer'], refuse)
  if (!known || loss === undefined || optimizer === undefined) return undefined
  const metric = (one: unknown): WrittenComponent[] =>
    [one].flat().flatMap((entry) => readMetric(entry) ?? [])
  return { loss, optimizer, metrics: of(config['metrics'] ?? [], metric) }
}

/** The only one of a list or a map of one output; lists of metrics stay. */
function single(value: unknown): unknown {
  if (isMap(value) && !('class_name' in value)) return Object.values(value)[0]
  return Array.isArray(value) && value.length === 1 ? single(value[0]) : value
}

/** A metric; undefined where nnlab has none. Keras makes one of several classes of `accuracy`. */
function readMetric(metric: unknown): WrittenComponent | undefined {
  const { name, fn } = isMap(metric) ? mapOf(metric['config']) : {}
  return name === 'accuracy' ? 'accuracy' : component(metrics, fn ?? metric, () => undefined)
}

function component(...[family, object, refuse]: Parameters<typeof readObject>): WrittenComponent | undefined {
  if (object === null || object === undefined) return undefined
  const read = readObject(family, object, refuse)
  return read && shorten(read)
}

function nameOf(entry: Json): string {
  const { name } = mapOf(entry['config'])
  return typeof name === 'string' ? name : String(entry['name'])
}

function mapOf(value: unknown): Json {
  return isMap(value) ? value : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
