// The config.json of a .keras file as sections of a config.
import { augmentations } from '../../components/augmentations/index.ts'
import { losses } from '../../components/losses/index.ts'
import { metrics } from '../../components/metrics/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import { RunError } from '../../errors.ts'
import { isMap } from '../../registry.ts'
import type { ReadModel, WrittenComponent } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import { validModelName } from '../layer-names.ts'
import { keyOf, MODEL_CLASSES, readNetwork } from './read-network.ts'
import type { KerasNetwork, StoredName } from './read-network.ts'
import { listOf, mapOf, readObject, shorten } from './read-objects.ts'
import type { Json } from './read-objects.ts'

/** `compiled` says what the model was compiled with. */
export function readModel(
  file: string,
  model: Json,
  compiled: unknown,
  refuse: Refuse,
): ReadModel<KerasNetwork> {
  const className = model['class_name']
  if (typeof className !== 'string') throw new RunError(`${file} holds no model of Keras`)
  if (!MODEL_CLASSES.has(className)) {
    throw new RunError(`${file} holds a ${className}, not a sequential or functional model`, {
      hint: 'a model of a class of its own is Python code, which nnlab does not run',
    })
  }
  const network = readNetwork(model, refuse)
  const { name } = mapOf(model['config'])
  return {
    name: typeof name === 'string' ? validModelName(name) : 'model',
    inputs: Object.fromEntries(network.inputs.map((input) => [input.name, inputShape(input.entry, refuse)])),
    network,
    compile: isMap(compiled) ? readCompile(compiled, network) : undefined,
    notes: notesOf(augmentationsIn(network.stored)),
  }
}

function notesOf(left: readonly string[]): string[] {
  if (left.length === 0) return []
  return [`Left out, as rows to predict are not augmented: ${left.join(', ')}; see data.augment.`]
}

/** Names of the layers that change rows in training alone, and those in models inside the model. */
function augmentationsIn(layers: readonly StoredName[]): string[] {
  return layers.flatMap(({ key, className, layers: inner = [] }) => [
    ...(augmentations.find(className) ? [`${key} (${className})`] : []),
    ...augmentationsIn(inner),
  ])
}

function inputShape(entry: Json, refuse: Refuse): number[] {
  const { batch_shape: shape, batch_input_shape: older } = mapOf(entry['config'])
  return listOf(shape ?? older)
    .slice(1)
    .map((length) => {
      if (typeof length === 'number') return length
      refuse(`input ${keyOf(entry)}: an axis of any length`)
      return 1
    })
}

/** The section `compile`, as far as nnlab has what it says. */
function readCompile(config: Json, { outputs, ends }: KerasNetwork): Json | undefined {
  let known = true
  const refuse: Refuse = () => void (known = false)
  const given = (value: unknown, i: number): unknown => {
    if (outputs.length === 1) return single(value)
    if (isMap(value) && !('class_name' in value)) return value[ends[i] ?? '']
    return Array.isArray(value) ? listOf(value)[i] : value
  }
  const of = <Read>(value: unknown, read: (one: unknown) => Read): Read | Record<string, Read> =>
    outputs.length === 1
      ? read(given(value, 0))
      : Object.fromEntries(outputs.map((output, i) => [output, read(given(value, i))]))
  const loss = of(config['loss'], (one) => component(losses, one, refuse))
  const optimizer = component(optimizers, config['optimizer'], refuse)
  if (!known || loss === undefined || optimizer === undefined) return undefined
  const metric = (one: unknown): WrittenComponent[] =>
    [one].flat().flatMap((entry) => readMetric(entry) ?? [])
  const weights = outputs.flatMap((output, i) => {
    const weight = given(config['loss_weights'], i)
    return typeof weight === 'number' && weight !== 1 ? [[output, weight] as const] : []
  })
  const weighted = of(config['weighted_metrics'] ?? [], metric)
  return {
    loss,
    ...(weights.length > 0 && { loss_weights: Object.fromEntries(weights) }),
    optimizer,
    metrics: of(config['metrics'] ?? [], metric),
    ...(Object.values(weighted).flat().length > 0 && { weighted_metrics: weighted }),
  }
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
