import type {
  OutputFit,
  Probe,
  ProbedGradients,
  ProbedImage,
  ProbedLayer,
  StepGradients,
} from '../components/callbacks/probe.ts'
import { optimizers } from '../components/optimizers/index.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { pickRows, takeFrom } from '../data/rows/picked-rows.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { gatherInput } from '../engine/batch.ts'
import type { Engine, Session } from '../engine/engine.ts'
import { isTrained, layerBehind } from '../model/graph.ts'
import type { GraphNode } from '../model/graph.ts'
import type { Weights } from '../model/weights.ts'
import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import { sizeOf } from '../ir/ir.ts'
import { isImage } from '../model/augment.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { sum } from '../statistics.ts'
import { augmentImages } from '../step/augment.ts'
import type { Task } from '../step/task.ts'
import { withAllUnfrozen } from '../step/unfrozen.ts'
import { slotKey } from '../step/update.ts'
import { comparedWithMean } from './compared-with-mean.ts'
import { epochOrder } from './order.ts'
import { gatesOf, inTraining, restraintsIn, SHIFTS, withShifts } from './probed-graph.ts'
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
  readonly restraints: readonly string[]
  readonly #options: ProbeOptions
  readonly #sessions = new Map<string, Session>()
  readonly #gates: readonly { readonly layer: ProbedLayer; readonly node: GraphNode }[]
  #sample: readonly EncodedRows[] | undefined

  constructor(options: ProbeOptions) {
    const { graph, optimizer } = options.task
    this.#options = options
    // TensorFlow.js runs layers of its own, whose gates it does not show.
    this.#gates = options.engine.name === 'compiled' ? graph.nodes.flatMap(gatesOf) : []
    this.restraints = [
      ...graph.nodes.flatMap(({ config, path }) => restraintsIn(config, path)),
      ...restraintsIn(optimizer, ['compile', 'optimizer']),
    ]
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
  async gradients(): Promise<ProbedGradients> {
    const { task, engine } = this.#options
    const optimizer = optimizers.ref().parse({ type: 'sgd', learning_rate: 1, momentum: 0.5 })
    const whole = withAllUnfrozen(task)
    const nodes = engine.name === 'compiled' ? whole.graph.nodes.map(withShifts) : whole.graph.nodes
    const shifts = nodes.flatMap((node) => node.parameters.filter(({ name }) => name === SHIFTS))
    const weights = new Map([
      ...(await this.weights()),
      ...shifts.map(({ id, shape }) => [id, new Float32Array(sizeOf(shape))] as const),
    ])
    const graph = { ...whole.graph, nodes }
    const session = this.#open('gradients', { ...whole, graph, optimizer }, weights)
    const { slots } = await session.optimizer()
    session.setOptimizer({
      iterations: 0,
      slots: new Map([...slots].map(([key, { length }]) => [key, new Float32Array(length)])),
      state: new Map(),
    })
    const loss = await this.#step(session, 1)
    const after = (await session.optimizer()).slots
    const gradients = new Map(
      [...weights.keys()].flatMap((id) => {
        const momentum = after.get(slotKey(id, 'momentum'))
        return momentum === undefined
          ? []
          : [[id, momentum.map((x) => (Number.isFinite(loss) ? -x : NaN))] as const]
      }),
    )
    const bySteps = nodes.flatMap((node) => {
      const gradient = gradients.get(`${node.name}/${SHIFTS}`)
      return gradient ? [stepGradients(node, gradient)] : []
    })
    for (const { id } of shifts) gradients.delete(id)
    return { loss, byParameter: gradients, bySteps }
  }

  async fits(): Promise<OutputFit[]> {
    const { task, train, batchSize } = this.#options
    const session = this.#open('fits', task, await this.weights())
    const order = epochOrder(task.seed, 0, train.rows, true)
    const rows = await takeFrom(train, order(0, Math.min(MOST_ROWS, train.rows)))
    const predicted = await session.predict(rows, batchSize)
    session.unload(rows)
    return task.outputs.flatMap((output) => {
      const targets = rows.targets.find(({ name }) => name === output.name)?.data
      const predictions = predicted.get(output.name)
      return (targets && predictions && comparedWithMean(output, targets, predictions)) ?? []
    })
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

function stepGradients(
  { name, component, config, inputShapes }: GraphNode,
  gradient: Float32Array,
): StepGradients {
  const [steps = 1, features = 1] = inputShapes[0] ?? []
  const norms = Array.from({ length: steps }, (_, step) =>
    Math.sqrt(sum(gradient.subarray(step * features, (step + 1) * features).map((x) => x * x))),
  )
  return {
    layer: name,
    direction: component.recurrent ?? 'one way',
    norms: config['go_backwards'] === true ? norms.toReversed() : norms,
  }
}
