import * as fc from 'fast-check'
import { stringify } from 'yaml'

import type { Shape } from '../../src/ir/ir.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { fixedRate } from '../../src/step/learning-rate.ts'
import { slotKey, slotsOf, stateOf } from '../../src/step/update.ts'
import { storedShape } from '../../src/step/targets.ts'
import { outputTasks } from '../../src/step/task.ts'
import type { Task } from '../../src/step/task.ts'
import { layers } from '../../src/components/layers/index.ts'
import { losses } from '../../src/components/losses/index.ts'
import { metrics } from '../../src/components/metrics/index.ts'
import { optimizers } from '../../src/components/optimizers/index.ts'
import { buildGraph } from '../../src/model/build.ts'
import { shapeOf } from '../../src/model/graph.ts'
import type { Graph } from '../../src/model/graph.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { randomUniform, stream } from '../../src/random.ts'
import type { ComponentConfig } from '../../src/registry.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { drawConfig } from '../ir/examples.ts'
import type { Draw } from '../ir/examples.ts'

/** A model with all that a training step of it needs; prints as the `model` and `compile` sections of a config. */
export type RandomModel = { readonly yaml: string; readonly task: Task; readonly batch: number }

const INPUTS: readonly Shape[] = [[4], [3, 2], [4, 4, 2], [3, 3, 2, 2], [21], [6, 9], [7, 6, 3]]
/** Elements that a layer's output may have. */
const LARGEST = 600

export type ModelOptions = {
  readonly depth?: number
  /** Instead of any: what shows the gradients plainly, say. */
  readonly optimizer?: ComponentConfig
}

/** Valid models of every registered layer, loss, metric and optimizer. */
export function randomModel({ depth = 5, optimizer }: ModelOptions = {}): fc.Arbitrary<RandomModel> {
  const draws = fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 })
  return fc
    .record({
      inputs: fc.array(fc.constantFrom(...INPUTS), { minLength: 1, maxLength: 2 }),
      layers: fc.array(
        fc.record({ member: fc.constantFrom(...layers.members.map(({ type }) => type)), draws }),
        {
          maxLength: depth,
        },
      ),
      heads: fc.array(draws, { minLength: 1, maxLength: 2 }),
      optimizer: fc.record({ member: fc.constantFrom(...optimizers.members.map(({ type }) => type)), draws }),
      batch: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(9, 16)),
    })
    .map((recipe) => {
      const model = assemble(recipe, optimizer)
      return { ...model, [fc.toStringMethod]: () => `batch ${model.batch}\n${model.yaml}` }
    })
}

type Pick = { readonly member: string; readonly draws: readonly number[] }
type Recipe = {
  readonly inputs: readonly Shape[]
  readonly layers: readonly Pick[]
  readonly heads: readonly (readonly number[])[]
  readonly optimizer: Pick
  readonly batch: number
}
type Config = Record<string, unknown>

function assemble(
  { inputs, layers: picks, heads, optimizer, batch }: Recipe,
  fixedOptimizer: ComponentConfig | undefined,
): RandomModel {
  const model: Config & { layers: Config[] } = {
    inputs: Object.fromEntries(inputs.map((shape, i) => [`input${i}`, [...shape]])),
    layers: [],
  }
  const names = inputs.map((_, i) => `input${i}`)
  for (const { member, draws } of picks) {
    const layer = fitting(model, names, member, drawFrom(draws))
    if (layer === undefined) continue
    const name = `layer${model.layers.length}`
    model.layers.push({ name, ...layer })
    names.push(name)
  }
  const used = new Set(model.layers.flatMap(({ from }) => from))
  const loose = names.filter((name) => !used.has(name))
  for (const name of loose) model.layers.push({ name: `flat_${name}`, type: 'flatten', from: name })
  const flat = loose.map((name) => `flat_${name}`)
  if (flat.length > 1) model.layers.push({ name: 'features', type: 'concatenate', from: flat })
  const features = flat.length > 1 ? 'features' : (flat[0] ?? '')
  const outputs = heads.map((draws, i) => ({ name: `output${i}`, ...head(drawFrom(draws)) }))
  for (const { name, layer } of outputs) model.layers.push({ name, ...layer, from: features })
  const compile = {
    loss: Object.fromEntries(outputs.map(({ name, loss }) => [name, loss])),
    optimizer:
      fixedOptimizer ??
      drawConfig(optimizers, optimizers.of({ type: optimizer.member }), drawFrom(optimizer.draws)),
    metrics: Object.fromEntries(outputs.map(({ name, metrics }) => [name, metrics])),
  }
  const config = { model: { ...model, outputs: outputs.map(({ name }) => name) }, compile }
  return modelOf(config, batch)
}

/** Draws the numbers of a list over and over. */
function drawFrom(draws: readonly number[]): Draw {
  let next = 0
  return (limit) => (draws[next++ % draws.length] ?? 0) % limit
}

/** The config of a layer with what it takes, where some tensors made so far suit it: the latest ones rather. */
function fitting(
  model: Config & { layers: Config[] },
  names: readonly string[],
  member: string,
  draw: Draw,
): Config | undefined {
  const component = layers.of({ type: member })
  const options = component.composes ? composed(model, member, draw) : drawConfig(layers, component, draw)
  if (options === undefined) return undefined
  const skip = draw(4) === 0 ? draw(names.length) : 0
  const order = [...names].reverse()
  const candidates = [...order.slice(skip), ...order.slice(0, skip)].filter(
    // Rows are looked up by integers, which only an input has.
    (name) => member !== 'embedding' || name.startsWith('input'),
  )
  const lists =
    component.arity === 'one'
      ? candidates.map((name) => [name])
      : candidates.flatMap((first) => candidates.map((second) => [first, second]))
  for (const from of lists) {
    const layer = { ...options, from: component.arity === 'one' ? from[0] : from }
    if (!layers.schemaOf(component).safeParse(layer).success) return undefined
    const shape = outputShape(model, { ...layer, name: 'candidate' })
    if (shape !== undefined && sizeOf(shape) <= LARGEST) return layer
  }
  return undefined
}

/** A layer that applies one of the model once more, or that is a model itself. */
function composed(model: Config & { layers: Config[] }, member: string, draw: Draw): Config | undefined {
  if (member === 'model') {
    const plain = layers.members.filter(
      ({ arity, composes, type }) => arity === 'one' && !composes && type !== 'embedding',
    )
    return {
      type: 'model',
      layers: [pick(plain, draw), pick(plain, draw)].map((one, i) => ({
        name: `inner${i}`,
        ...drawConfig(layers, one, draw),
      })),
    }
  }
  const owners = model.layers.filter(({ type, from }) => type !== 'shared' && typeof from === 'string')
  return owners.length === 0 ? undefined : { type: 'shared', with: pick(owners, draw)['name'] }
}

function outputShape(model: Config & { layers: Config[] }, layer: Config): Shape | undefined {
  const { graph } = buildGraph(
    modelSection().parse({ ...model, layers: [...model.layers, layer], outputs: 'candidate' }),
  )
  return graph?.nodes.find(({ name }) => name === 'candidate')?.shape
}

/** The last layer for a loss, and metrics that compare the same targets. */
function head(draw: Draw): { layer: Config; loss: ComponentConfig; metrics: ComponentConfig[] } {
  const member = pick(losses.members, draw)
  const loss = drawConfig(losses, member, () => 0)
  const classes = member.target !== 'values'
  const units = classes ? 2 + draw(3) : 1 + draw(3)
  const suitable = metrics.members.filter(
    ({ type, target }) => type !== 'accuracy' && target === member.target,
  )
  const count = draw(3)
  const chosen = Array.from({ length: count }, () => pick(suitable, draw))
  const layer = { type: 'dense', units, activation: classes ? 'softmax' : 'sigmoid' }
  return { layer, loss, metrics: [...new Set(chosen)].map((metric) => drawConfig(metrics, metric, () => 0)) }
}

function pick<T>(list: readonly T[], draw: Draw): T {
  const chosen = list[draw(list.length)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

/** From the sections of a config. */
export function modelOf(config: { model: unknown; compile: unknown }, batch = 2): RandomModel {
  const { graph, problems } = buildGraph(modelSection().parse(config.model))
  if (graph === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  const compile = compileSection().parse(config.compile)
  const task = { graph, outputs: outputTasks(graph, compile), optimizer: compile.optimizer, seed: 0 }
  return { yaml: stringify(config), task, batch }
}

/** Numbers for every input of a training step: the initial state, and a batch of rows. */
export function stepInputs({ task, batch }: RandomModel) {
  const { graph, outputs, optimizer } = task
  const parameters = new Map<string, Float32Array>()
  const slots = new Map<string, Float32Array>()
  for (const [id, data] of initialWeights(graph, 0)) {
    // Away from the zeros of biases, where relu bends.
    const noise = randomUniform(stream(0, id), 1, data.length)
    parameters.set(
      id,
      data.map((x, i) => x + 0.2 * ((noise[i] ?? 0) - 0.5)),
    )
    for (const { name, initial } of slotsOf(optimizer)) {
      slots.set(slotKey(id, name), new Float32Array(data.length).fill(initial))
    }
  }
  const inputs = graph.inputs.map(({ name, shape }): [string, Float32Array] => {
    const data = randomUniform(stream(0, name), 0, batch * sizeOf(shape))
    return [name, data.map((x) => (looksUp(graph, name) ? Math.floor(6 * x) : 4 * x - 2))]
  })
  const targets = outputs.map(({ name, kind }): [string, Float32Array] => {
    const shape = shapeOf(graph, name)
    const classes = Math.max(2, shape.at(-1) ?? 1)
    const data = randomUniform(stream(0, `target/${name}`), 0, batch * sizeOf(storedShape(kind, shape)))
    return [name, data.map((x) => (kind === 'classes' ? Math.floor(classes * x) : 0.05 + 0.9 * x))]
  })
  const rowWeights = outputs.map(({ name }): [string, Float32Array] => [
    name,
    randomUniform(stream(0, `weight/${name}`), 0, batch).map((x) => x + 0.5),
  ])
  return {
    parameters,
    slots,
    state: new Map(stateOf(optimizer).map(({ name, initial }) => [name, Float32Array.of(initial)])),
    inputs: new Map(inputs),
    targets: new Map(targets),
    rowWeights: new Map(rowWeights),
    iterations: Float32Array.of(2),
    learningRate: Float32Array.of(fixedRate(optimizer) ?? 0),
    factor: Float32Array.of(1),
    counter: Float32Array.of(2),
  }
}

function looksUp(graph: Graph, input: string): boolean {
  return graph.nodes.some(({ config, inputs }) => config.type === 'embedding' && inputs.includes(input))
}
