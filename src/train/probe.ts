import type { Probe, ProbedImage, ProbedLayer } from '../components/callbacks/probe.ts'
import type { ForwardContext } from '../components/layers/layer.ts'
import { optimizers } from '../components/optimizers/index.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { pickRows } from '../data/rows/picked-rows.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { gatherInput } from '../engine/batch.ts'
import type { Engine, Session } from '../engine/engine.ts'
import { isTrained, layerBehind } from '../model/graph.ts'
import type { Graph, GraphNode } from '../model/graph.ts'
import type { Weights } from '../model/weights.ts'
import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import { isImage } from '../model/augment.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { augmentImages } from '../step/augment.ts'
import type { Task } from '../step/task.ts'
import { withAllUnfrozen } from '../step/unfrozen.ts'
import { slotKey } from '../step/update.ts'
import { epochOrder } from './order.ts'
import type { RowWeights } from './row-weights.ts'

type ProbeOptions = {
  readonly engine: Engine
  readonly task: Task
  /** The session of the training, which is only read. */
  readonly session: Session
  readonly train: RowSet
  readonly batchSize: number
  readonly shuffle: FitSpec['shuffle']
  readonly rowWeights: RowWeights
}

/** Maximum rows of the sample, unless a single batch is larger. */
const MOST_ROWS = 512

/** Computes in sessions of its own, which are opened when they are needed. */
export class TrainingProbe implements Probe {
  readonly layers: readonly ProbedLayer[]
  readonly #options: ProbeOptions
  readonly #sessions = new Map<string, Session>()
  readonly #gates: readonly { readonly layer: ProbedLayer; readonly node: GraphNode }[]
  #sample: readonly EncodedRows[] | undefined

  constructor(options: ProbeOptions) {
    const { graph } = options.task
    this.#options = options
    // TensorFlow.js runs layers of its own, whose gates it does not show.
    this.#gates = options.engine.name === 'compiled' ? graph.nodes.flatMap(gatesOf) : []
    const outputs = graph.outputs.map((name) => layerBehind(graph.nodes, name)?.name)
    const layers = graph.nodes.map((node) => ({
      name: node.name,
      isOutput: outputs.includes(node.name),
      shape: node.shape,
      activation: node.component.activated?.(node.config),
      parameters: node.parameters.filter((parameter) => isTrained(node, parameter)).map(({ id }) => id),
    }))
    this.layers = [...layers, ...this.#gates.map(({ layer }) => layer)]
  }

  async *outputs(layers: readonly string[]): AsyncGenerator<ReadonlyMap<string, Float32Array>> {
    const { task, batchSize } = this.#options
    const gates = this.#gates.filter(({ layer }) => layers.includes(layer.name)).map(({ node }) => node)
    const graph = inTraining({ ...task.graph, nodes: [...task.graph.nodes, ...gates], outputs: layers })
    const session = this.#open(`outputs ${layers.join(' ')}`, { ...task, graph }, await this.weights())
    for (const rows of await this.#batches()) yield session.predict(rows, batchSize)
  }

  weights(): Promise<Map<string, Float32Array>> {
    return this.#options.session.weights()
  }

  /** The gradients are what gradient descent keeps as momentum after one step from none, negated. */
  async gradients(): Promise<{ loss: number; byParameter: Map<string, Float32Array> }> {
    const { task } = this.#options
    const optimizer = optimizers.ref().parse({ type: 'sgd', learning_rate: 1, momentum: 0.5 })
    const weights = await this.weights()
    const session = this.#open('gradients', { ...withAllUnfrozen(task), optimizer }, weights)
    const { slots } = await session.optimizer()
    session.setOptimizer({
      iterations: 0,
      slots: new Map([...slots].map(([key, { length }]) => [key, new Float32Array(length)])),
      state: new Map(),
    })
    const loss = await this.#step(session, 1)
    const after = (await session.optimizer()).slots
    const gradients = [...weights.keys()].flatMap((id) => {
      const momentum = after.get(slotKey(id, 'momentum'))
      return momentum === undefined
        ? []
        : [[id, momentum.map((x) => (Number.isFinite(loss) ? -x : NaN))] as const]
    })
    return { loss, byParameter: new Map(gradients) }
  }

  /** Augmented by the interpreter, which draws the same random numbers as training. */
  async images(epoch: number, count: number): Promise<ProbedImage[]> {
    const { task, train, shuffle } = this.#options
    const order = epochOrder(task.seed, epoch, train.rows, shuffle)
    const images: ProbedImage[] = []
    const end = Math.min(count, train.rows)
    for await (const { encoded, order: places, rows } of windowsOf(train, order, { end }))
      for (const input of encoded.inputs.filter(({ shape }) => isImage(shape)))
        for (const [i, place] of places.entries()) {
          const b = new Builder()
          const key = { epoch: b.input('epoch', [], 'i32'), rows: b.input('rows', [1], 'i32') }
          const x = b.input('x', [1, ...input.shape])
          const program = b.program([['image', augmentImages(b, x, task.augment ?? [], key)]])
          const given = new Map<string, ArrayLike<number>>([
            ['x', gatherInput(input, Uint32Array.of(place))],
            ['epoch', [epoch]],
            ['rows', [rows[i] ?? 0]],
          ])
          const values = Float32Array.from(interpret(program, given, task.seed).get('image') ?? [])
          images.push({ input: input.name, row: images.length, shape: input.shape, values })
        }
    return images
  }

  async updates(factor: number): Promise<Map<string, Float32Array>> {
    const weights = await this.weights()
    const session = this.#open('updates', this.#options.task, weights)
    session.setOptimizer(await this.#options.session.optimizer())
    const loss = await this.#step(session, factor)
    const after = await session.weights()
    const change = (id: string, before: Float32Array): Float32Array =>
      before.map((x, i) => (Number.isFinite(loss) ? (after.get(id)?.[i] ?? NaN) - x : NaN))
    return new Map([...weights].map(([id, before]) => [id, change(id, before)]))
  }

  dispose(): void {
    for (const session of this.#sessions.values()) session.dispose()
    this.#sessions.clear()
  }

  #open(key: string, task: Task, weights: Weights): Session {
    const known = this.#sessions.get(key)
    known?.setWeights(weights)
    const session = known ?? this.#options.engine.open(task, weights)
    this.#sessions.set(key, session)
    return session
  }

  /** Trains on the first batch; returns its loss. */
  async #step(session: Session, factor: number): Promise<number> {
    const [encoded] = await this.#batches()
    if (encoded === undefined) throw new Error('there are no training rows')
    const weights = this.#options.rowWeights(encoded)
    const { sums } = await session.train({
      encoded,
      order: inOrder(0, encoded.rows),
      epoch: 0,
      batchSize: encoded.rows,
      first: 0,
      count: 1,
      factor,
      ...(weights && { rowWeights: weights }),
    })
    return sums.loss / sums.rows
  }

  /** The sample in batches of one size, of rows that the seed chooses. */
  async #batches(): Promise<readonly EncodedRows[]> {
    if (this.#sample) return this.#sample
    const { task, train, batchSize } = this.#options
    const size = Math.min(batchSize, train.rows)
    const end = size * Math.max(1, Math.floor(Math.min(MOST_ROWS, train.rows) / size))
    const batches: EncodedRows[] = []
    const order = epochOrder(task.seed, 0, train.rows, true)
    for await (const { encoded, order: places } of windowsOf(train, order, { end, batchSize: size }))
      for (let first = 0; first < places.length; first += size)
        batches.push(pickRows(encoded, places.subarray(first, first + size)))
    return (this.#sample = batches)
  }
}

/** The gates of a recurrent layer, and a node of the graph that computes them. */
function gatesOf(node: GraphNode): { layer: ProbedLayer; node: GraphNode }[] {
  const { component, config, inputShapes, name } = node
  const { gates } = component
  if (!gates) return []
  const shape = [inputShapes[0]?.[0] ?? 0, gates.width(config)]
  const activation = gates.activation(config)
  const own = { name: `${name} gates`, shape, parameters: [] }
  const forward: GraphNode['component']['forward'] = (context, options, [x]) => {
    if (x === undefined) throw new Error('a recurrent layer without an input')
    return gates.forward(context, options, x)
  }
  return [
    {
      layer: { ...own, gatesOf: name, isOutput: false, activation },
      node: { ...node, ...own, shares: node.shares ?? name, component: { ...component, forward } },
    },
  ]
}

/** The graph whose layers compute as in training also where it predicts: with the statistics of the batch. */
function inTraining(graph: Graph): Graph {
  const asTrained = (context: ForwardContext): ForwardContext => ({
    ...context,
    training: true,
    inner: (prefix) => asTrained(context.inner(prefix)),
  })
  const nodes = graph.nodes.map(({ component, ...node }): GraphNode => ({
    ...node,
    component: {
      ...component,
      forward: (context, config, inputs) => component.forward(asTrained(context), config, inputs),
    },
  }))
  return { ...graph, nodes }
}
