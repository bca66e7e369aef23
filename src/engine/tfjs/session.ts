import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { inOrder } from '../../data/rows/in-order.ts'
import { sizeOf } from '../../ir/ir.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Parameter } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { fixedRate } from '../../step/learning-rate.ts'
import { namedInputs, required, stepOutputs } from '../../step/step-program.ts'
import type { StepInputs, StepOutputs, StepProgram } from '../../step/step-program.ts'
import { buildStep, trainedIn } from '../../step/step.ts'
import type { StepMode } from '../../step/step.ts'
import type { Task, Unfrozen } from '../../step/task.ts'
import { hasSlots, withUnfrozen } from '../../step/unfrozen.ts'
import { buildUpdate, slotKey, slotsOf, stateOf } from '../../step/update.ts'
import { gatherInput, gatherTarget } from '../batch.ts'
import { emptySums } from '../engine.ts'
import { weightsFor } from '../engine.ts'
import type {
  MetricSums,
  OptimizerState,
  Session,
  TrainedSteps,
  TrainSteps,
  BatchWeights,
} from '../engine.ts'
import type { Tensor, Tf } from './backend.ts'
import { execute } from './executor.ts'

type NamedTensors = Map<string, Tensor>
type GivenTensors = Partial<StepInputs<Tensor>>

/** The losses and the metrics of a batch, read from the backend. */
type BatchSums = Pick<MetricSums, 'loss' | 'losses' | 'metrics'>

/** A model in the memory of TensorFlow.js. */
export class TfjsSession implements Session {
  readonly threads = 1
  readonly native = 'none'
  readonly sliceMs = 100
  readonly waitedMs = 0
  readonly #tf: Tf
  readonly #task: Task
  #trainTask: Task
  #trained: readonly Parameter[]
  readonly #shapes: ReadonlyMap<string, readonly number[]>
  readonly #parameters: NamedTensors = new Map()
  readonly #slots: NamedTensors = new Map()
  readonly #state: NamedTensors = new Map()
  readonly #steps = new Map<string, StepProgram>()
  #updateStep: StepProgram
  #iterations = 0

  constructor(tf: Tf, task: Task, weights: Weights) {
    this.#tf = tf
    this.#task = task
    this.#trainTask = task
    this.#shapes = new Map(
      task.graph.nodes.flatMap(({ parameters }) => parameters.map(({ id, shape }) => [id, shape] as const)),
    )
    this.#trained = trainedIn(task.graph)
    this.#updateStep = buildUpdate(task.optimizer, this.#trained)
    this.setWeights(weights)
    const slotted = task.graph.nodes.flatMap((node) =>
      node.parameters.filter((parameter) => hasSlots(task, node, parameter)),
    )
    for (const { id, shape } of slotted) {
      for (const { name, initial } of slotsOf(task.optimizer)) {
        this.#keep(this.#slots, slotKey(id, name), () => tf.fill([...shape], initial))
      }
    }
    for (const { name, initial } of stateOf(task.optimizer)) {
      this.#keep(this.#state, name, () => tf.scalar(initial))
    }
  }

  weights(): Promise<Map<string, Float32Array>> {
    return readAll(this.#parameters)
  }

  setWeights(weights: Weights): void {
    for (const [id, shape] of this.#shapes) {
      const data = weights.get(id)
      if (data === undefined) throw new Error(`no weights are given for ${id}`)
      // A copy: the cpu backend computes on the array that it is given.
      this.#keep(this.#parameters, id, () => this.#tf.tensor(data.slice(), [...shape], 'float32'))
    }
  }

  async optimizer(): Promise<OptimizerState> {
    const state = await readAll(this.#state)
    return {
      iterations: this.#iterations,
      slots: await readAll(this.#slots),
      state: new Map(Array.from(state, ([name, [value = 0]]) => [name, value])),
    }
  }

  setOptimizer({ iterations, slots, state }: OptimizerState): void {
    this.#iterations = iterations
    for (const [key, data] of slots) {
      const { shape } = required(this.#slots, key)
      this.#keep(this.#slots, key, () => this.#tf.tensor(data.slice(), shape))
    }
    for (const [name, value] of state) this.#keep(this.#state, name, () => this.#tf.scalar(value))
  }

  /** Nothing to do: batches are taken from the data set as it is. */
  load(): void {}

  unload(): void {}

  train(
    {
      encoded,
      order,
      rows = order,
      epoch,
      batchSize,
      first,
      count,
      factor,
      rowWeights,
      unfrozen,
    }: TrainSteps,
    before = emptySums(),
  ): Promise<TrainedSteps> {
    if (unfrozen && unfrozen.size > (this.#trainTask.unfrozen?.size ?? 0)) this.#unfreeze(unfrozen)
    let sums = before
    for (let step = first; step < first + count; step++) {
      const [start, end] = [step * batchSize, (step + 1) * batchSize]
      const places = order.subarray(start, end)
      const batch = this.#scoped(() =>
        this.#trainStep(
          {
            ...this.#inputs(encoded, places),
            ...this.#targets(encoded, places, rowWeights),
            rows: this.#tf.tensor1d(Int32Array.from(rows.subarray(start, end)), 'int32'),
            epoch: this.#tf.scalar(epoch, 'int32'),
          },
          places.length,
          factor,
        ),
      )
      sums = addBatch(sums, batch, places.length)
      if (!Number.isFinite(batch.loss)) return Promise.resolve({ sums, divergedAt: step })
    }
    return Promise.resolve({ sums })
  }

  evaluate(encoded: EncodedRows, batchSize: number, before = emptySums()): Promise<MetricSums> {
    let sums = before
    for (const rows of batches(encoded.rows, batchSize)) {
      const batch = this.#scoped(() => {
        const given = {
          ...this.#inputs(encoded, rows),
          ...this.#targets(encoded, rows, encoded.sampleWeight),
        }
        const results = this.#run('evaluate', rows.length, given)
        return unpack(results, this.#pack(results))
      })
      sums = addBatch(sums, batch, rows.length)
    }
    return Promise.resolve(sums)
  }

  predict(encoded: EncodedRows, batchSize: number): Promise<Map<string, Float32Array>> {
    const { graph } = this.#task
    const sizes = new Map(graph.outputs.map((name) => [name, sizeOf(shapeOf(graph, name))]))
    const outputs = new Map([...sizes].map(([name, size]) => [name, new Float32Array(encoded.rows * size)]))
    for (const rows of batches(encoded.rows, batchSize)) {
      this.#tf.tidy(() => {
        const predicted = this.#run('predict', rows.length, this.#inputs(encoded, rows)).outputs
        for (const [name, whole] of outputs) {
          whole.set(required(predicted, name).dataSync(), (rows[0] ?? 0) * (sizes.get(name) ?? 0))
        }
      })
    }
    return Promise.resolve(outputs)
  }

  dispose(): void {
    for (const tensors of [this.#parameters, this.#slots, this.#state]) {
      for (const tensor of tensors.values()) tensor.dispose()
      tensors.clear()
    }
  }

  #unfreeze(unfrozen: Unfrozen): void {
    this.#trainTask = withUnfrozen(this.#task, unfrozen)
    this.#trained = trainedIn(this.#trainTask.graph)
    this.#updateStep = buildUpdate(this.#task.optimizer, this.#trained, unfrozen)
    this.#steps.clear()
  }

  /** Leaves the model as it was where the loss of the batch is no number. */
  #trainStep(given: GivenTensors, batch: number, factor: number): BatchSums {
    const tf = this.#tf
    const trained = this.#trained.map(({ id }) => required(this.#parameters, id))
    const passes: { sums: StepOutputs<Tensor>; packed: Tensor; assigned: NamedTensors }[] = []
    const forward = (): Tensor => {
      const results = this.#run('train', batch, given)
      // The scope of the tape disposes everything that is not kept.
      passes.push({
        sums: results,
        packed: tf.keep(this.#pack(results)),
        assigned: new Map(
          Array.from(results.assignments.parameters, ([id, tensor]) => [id, tf.keep(tf.clone(tensor))]),
        ),
      })
      return tf.reshape(lossOf(results), [])
    }
    // Weights that the loss does not depend on have no gradient.
    const { grads } = tf.engine().gradients(forward, trained, undefined, true)
    const [pass] = passes
    if (pass === undefined) throw new Error('the gradient ran no forward pass')
    const sums = unpack(pass.sums, pass.packed)
    if (Number.isFinite(sums.loss)) {
      this.#update(grads, factor)
      for (const [id, tensor] of pass.assigned) this.#keep(this.#parameters, id, () => tensor)
      this.#iterations += 1
    }
    for (const tensor of [pass.packed, ...pass.assigned.values()]) tensor.dispose()
    return sums
  }

  #update(gradients: readonly (Tensor | null)[], factor: number): void {
    const tf = this.#tf
    const given = {
      parameters: this.#parameters,
      slots: this.#slots,
      state: this.#state,
      gradients: new Map(
        this.#trained.map(({ id }, i) => [id, gradients[i] ?? tf.zerosLike(required(this.#parameters, id))]),
      ),
      iterations: tf.scalar(this.#iterations),
      learningRate: tf.scalar(fixedRate(this.#task.optimizer) ?? 0),
      factor: tf.scalar(factor),
    }
    const { parameters, slots, state } = this.#execute(this.#updateStep, given).assignments
    for (const [id, tensor] of parameters) this.#keep(this.#parameters, id, () => tensor)
    for (const [key, tensor] of slots) this.#keep(this.#slots, key, () => tensor)
    for (const [name, tensor] of state) this.#keep(this.#state, name, () => tensor)
  }

  /** Disposes the tensors that are made on the way to a result that has none. */
  #scoped<T>(compute: () => T): T {
    const engine = this.#tf.engine()
    engine.startScope()
    try {
      return compute()
    } finally {
      engine.endScope()
    }
  }

  /** Losses and metric sums in one tensor, so that a step waits for the backend once. */
  #pack(results: StepOutputs<Tensor>): Tensor {
    return this.#tf.concat1d(scoresOf(results).map((tensor) => this.#tf.reshape(tensor, [tensor.size])))
  }

  #inputs({ inputs }: EncodedRows, rows: Uint32Array): GivenTensors {
    return {
      inputs: new Map(
        inputs.map((input) => [
          input.name,
          this.#tf.tensor(gatherInput(input, rows), [rows.length, ...input.shape]),
        ]),
      ),
    }
  }

  #targets(encoded: EncodedRows, rows: Uint32Array, rowWeights: BatchWeights | undefined): GivenTensors {
    const { outputs } = this.#task
    const targets = outputs.map(({ name, kind }): [string, Tensor] => {
      const target = encoded.targets.find((candidate) => candidate.name === name)
      const data = gatherTarget(encoded, name, rows)
      const shape = [rows.length, ...(target?.shape ?? [])]
      return [name, this.#tf.tensor(data, shape, kind === 'classes' ? 'int32' : 'float32')]
    })
    const weights = outputs.map((output): [string, Tensor] => {
      const { name, weights: shape = [] } = output
      const given = weightsFor(rowWeights, output, encoded.rows)
      const size = sizeOf(shape)
      const batch = new Float32Array(rows.length * size).fill(1)
      if (given)
        for (const [i, row] of rows.entries())
          batch.set(given.subarray(row * size, (row + 1) * size), i * size)
      return [name, this.#tf.tensor(batch, [rows.length, ...shape])]
    })
    return { targets: new Map(targets), rowWeights: new Map(weights) }
  }

  #run(mode: StepMode, batch: number, given: GivenTensors): StepOutputs<Tensor> {
    const key = `${mode}:${batch}`
    const step =
      this.#steps.get(key) ?? buildStep(mode === 'train' ? this.#trainTask : this.#task, batch, mode)
    this.#steps.set(key, step)
    const counter = this.#tf.scalar(this.#iterations, 'int32')
    return this.#execute(step, { parameters: this.#parameters, counter, ...given })
  }

  #execute(step: StepProgram, given: GivenTensors): StepOutputs<Tensor> {
    return stepOutputs(step, execute(this.#tf, step.program, namedInputs(step, given), this.#task.seed))
  }

  /** Puts a tensor in the place of another, which may be the same one. */
  #keep(map: NamedTensors, key: string, make: () => Tensor): void {
    const before = map.get(key)
    map.set(
      key,
      this.#tf.tidy(() => this.#tf.keep(this.#tf.clone(make()))),
    )
    before?.dispose()
  }
}

function lossOf({ loss }: StepOutputs<Tensor>): Tensor {
  if (loss === undefined) throw new Error('the step yields no loss')
  return loss
}

function scoresOf(results: StepOutputs<Tensor>): Tensor[] {
  return [lossOf(results), ...results.losses.values(), ...results.metrics.values()]
}

/** Reads the packed losses and metric sums of a batch. */
function unpack({ losses, metrics }: StepOutputs<Tensor>, packed: Tensor): BatchSums {
  const numbers = packed.dataSync()
  let next = 0
  const take = (size: number): Float64Array => Float64Array.from(numbers.subarray(next, (next += size)))
  const single = (): number => take(1)[0] ?? NaN
  return {
    loss: single(),
    losses: new Map(Array.from(losses.keys(), (name) => [name, single()])),
    metrics: new Map(Array.from(metrics, ([label, { size }]) => [label, take(size)])),
  }
}

function addBatch(sums: MetricSums, batch: BatchSums, rows: number): MetricSums {
  return {
    rows: sums.rows + rows,
    steps: sums.steps + 1,
    loss: sums.loss + batch.loss * rows,
    losses: new Map(
      Array.from(batch.losses, ([name, loss]) => [name, (sums.losses.get(name) ?? 0) + loss * rows]),
    ),
    metrics: new Map(
      Array.from(batch.metrics, ([label, values]) => {
        const before = sums.metrics.get(label)
        return [label, values.map((sum, i) => (before?.[i] ?? 0) + sum)]
      }),
    ),
  }
}

function* batches(rows: number, batchSize: number): Generator<Uint32Array> {
  for (let start = 0; start < rows; start += batchSize) {
    yield inOrder(start, Math.min(start + batchSize, rows))
  }
}

async function readAll(tensors: NamedTensors): Promise<Map<string, Float32Array>> {
  const read = async ([name, tensor]: [string, Tensor]): Promise<[string, Float32Array]> => [
    name,
    Float32Array.from(await tensor.data()),
  ]
  return new Map(await Promise.all(Array.from(tensors, read)))
}
