import type * as tfjs from '@tensorflow/tfjs-core'

import type { Program } from '../../compiler/ir.ts'
import { buildUpdate, slotsOf, stateOf } from '../../compiler/optimize.ts'
import { buildStep } from '../../compiler/step.ts'
import type { Task } from '../../compiler/task.ts'
import type { Dataset } from '../../data/dataset.ts'
import { isTrained } from '../../model/build.ts'
import type { Parameter } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { gatherInput, gatherTarget } from '../batch.ts'
import { emptyTotals } from '../engine.ts'
import type { OptimizerState, Session, Totals, TrainSteps } from '../engine.ts'
import type { Tf } from './backend.ts'
import { execute } from './executor.ts'

type Tensor = tfjs.Tensor
type Mode = 'train' | 'evaluate' | 'predict'

/** A model in the memory of TensorFlow.js. */
export class TfjsSession implements Session {
  readonly #tf: Tf
  readonly #task: Task
  readonly #parameters: readonly Parameter[]
  readonly #trained: readonly Parameter[]
  readonly #values = new Map<string, Tensor>()
  readonly #optimizer = new Map<string, Tensor>()
  readonly #programs = new Map<string, Program>()
  readonly #update: Program
  #iterations = 0

  constructor(tf: Tf, task: Task, weights: Weights) {
    this.#tf = tf
    this.#task = task
    this.#parameters = task.graph.nodes.flatMap((node) => node.parameters)
    this.#trained = task.graph.nodes.flatMap((node) =>
      node.parameters.filter((parameter) => isTrained(node, parameter)),
    )
    this.#update = buildUpdate(task.optimizer, this.#trained)
    this.setWeights(weights)
    for (const { id, shape } of this.#trained) {
      for (const { name, initial } of slotsOf(task.optimizer)) {
        this.#optimizer.set(`slot:${id}/${name}`, tf.keep(tf.fill([...shape], initial)))
      }
    }
    for (const { name, initial } of stateOf(task.optimizer)) {
      this.#optimizer.set(`state:${name}`, tf.keep(tf.scalar(initial)))
    }
  }

  async weights(): Promise<Map<string, Float32Array>> {
    return new Map(
      await Promise.all(this.#parameters.map(async ({ id }) => [id, await read(this.#value(id))] as const)),
    )
  }

  setWeights(weights: Weights): void {
    for (const { id, shape } of this.#parameters) {
      const data = weights.get(id)
      if (data === undefined) throw new Error(`no weights are given for ${id}`)
      this.#replace(this.#values, id, this.#tf.tensor(data, [...shape], 'float32'))
    }
  }

  async optimizer(): Promise<OptimizerState> {
    const slots = new Map<string, Float32Array>()
    const state = new Map<string, number>()
    for (const [name, tensor] of this.#optimizer) {
      const data = await read(tensor)
      if (name.startsWith('slot:')) slots.set(name.slice('slot:'.length), data)
      else state.set(name.slice('state:'.length), data[0] ?? 0)
    }
    return { iterations: this.#iterations, slots, state }
  }

  setOptimizer({ iterations, slots, state }: OptimizerState): void {
    this.#iterations = iterations
    for (const [name, data] of slots) {
      const shape = this.#optimizer.get(`slot:${name}`)?.shape
      if (shape === undefined) throw new Error(`the optimizer has no slot ${name}`)
      this.#replace(this.#optimizer, `slot:${name}`, this.#tf.tensor(data, shape))
    }
    for (const [name, value] of state) this.#replace(this.#optimizer, `state:${name}`, this.#tf.scalar(value))
  }

  train(
    { dataset, order, batchSize, first, count, factor, weights }: TrainSteps,
    totals: Totals,
  ): Promise<void> {
    for (let step = first; step < first + count; step++) {
      const rows = order.subarray(step * batchSize, (step + 1) * batchSize)
      const loss = this.#trainStep(dataset, rows, factor, weights, totals)
      if (!Number.isFinite(loss)) {
        totals.divergedAt = step
        break
      }
    }
    return Promise.resolve()
  }

  evaluate(dataset: Dataset, batchSize: number, weights?: Float32Array): Promise<Totals> {
    const totals = emptyTotals()
    for (const rows of batches(dataset.rows, batchSize)) {
      this.#tf.tidy(() => {
        const results = this.#run('evaluate', rows.length, this.#batch(dataset, rows, weights))
        tally(totals, results, rows.length)
      })
    }
    return Promise.resolve(totals)
  }

  predict(dataset: Dataset, batchSize: number): Promise<Map<string, Float32Array>> {
    const outputs = new Map<string, Float32Array>()
    for (const rows of batches(dataset.rows, batchSize)) {
      this.#tf.tidy(() => {
        for (const [key, tensor] of this.#run('predict', rows.length, this.#inputs(dataset, rows))) {
          const name = key.slice('output:'.length)
          const size = tensor.size / rows.length
          const whole = outputs.get(name) ?? new Float32Array(dataset.rows * size)
          whole.set(tensor.dataSync(), (rows[0] ?? 0) * size)
          outputs.set(name, whole)
        }
      })
    }
    return Promise.resolve(outputs)
  }

  dispose(): void {
    for (const tensor of [...this.#values.values(), ...this.#optimizer.values()]) tensor.dispose()
  }

  /** Returns the loss of the batch before its update. */
  #trainStep(
    dataset: Dataset,
    rows: Uint32Array,
    factor: number,
    weights: Float32Array | undefined,
    totals: Totals,
  ): number {
    const tf = this.#tf
    return tf.tidy(() => {
      const given = this.#batch(dataset, rows, weights)
      const trained = this.#trained.map(({ id }) => this.#value(id))
      let results = new Map<string, Tensor>()
      const lossOf = (...parameters: Tensor[]): tfjs.Scalar => {
        const values = new Map(
          this.#trained.map(({ id }, i) => [`parameter:${id}`, parameters[i] ?? this.#value(id)]),
        )
        results = this.#run('train', rows.length, new Map([...given, ...values]))
        return tf.reshape(result(results, 'loss'), [])
      }
      const gradients = trained.length === 0 ? [] : tf.grads(lossOf)(trained)
      if (trained.length === 0) lossOf()
      const loss = tally(totals, results, rows.length)
      if (!Number.isFinite(loss)) return loss
      const inputs = new Map<string, Tensor>([
        ...this.#trained.map(({ id }) => [`parameter:${id}`, this.#value(id)] as const),
        ...this.#trained.map(
          ({ id }, i) => [`gradient:${id}`, gradients[i] ?? tf.zerosLike(this.#value(id))] as const,
        ),
        ...this.#optimizer,
        ['iterations', tf.scalar(this.#iterations)],
        ['factor', tf.scalar(factor)],
      ])
      for (const [key, tensor] of execute(tf, this.#update, inputs, this.#task.seed)) {
        if (key.startsWith('parameter:')) this.#replace(this.#values, key.slice('parameter:'.length), tensor)
        else if (this.#optimizer.has(key)) this.#replace(this.#optimizer, key, tensor)
      }
      for (const [key, tensor] of results) {
        if (key.startsWith('assign:')) this.#replace(this.#values, key.slice('assign:'.length), tensor)
      }
      this.#iterations += 1
      return loss
    })
  }

  #batch(dataset: Dataset, rows: Uint32Array, weights: Float32Array | undefined): Map<string, Tensor> {
    const inputs = this.#inputs(dataset, rows)
    const perRow = weights === undefined ? undefined : Float32Array.from(rows, (row) => weights[row] ?? 1)
    for (const { name, kind } of this.#task.outputs) {
      const target = dataset.targets.find((candidate) => candidate.name === name)
      const data = gatherTarget(dataset, name, rows)
      const shape = [rows.length, ...(target?.shape ?? [])]
      inputs.set(`target:${name}`, this.#tf.tensor(data, shape, kind === 'classes' ? 'int32' : 'float32'))
      inputs.set(
        `weight:${name}`,
        perRow === undefined ? this.#tf.ones([rows.length]) : this.#tf.tensor1d(perRow),
      )
    }
    return inputs
  }

  #inputs(dataset: Dataset, rows: Uint32Array): Map<string, Tensor> {
    return new Map(
      dataset.inputs.map((input) => [
        `input:${input.name}`,
        this.#tf.tensor(gatherInput(input, rows), [rows.length, ...input.shape]),
      ]),
    )
  }

  #run(mode: Mode, batch: number, given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
    const key = `${mode}:${batch}`
    const program = this.#programs.get(key) ?? buildStep(this.#task, batch, mode)
    this.#programs.set(key, program)
    const inputs = new Map<string, Tensor>([
      ['counter', this.#tf.scalar(this.#iterations, 'int32')],
      ...this.#parameters.map(({ id }) => [`parameter:${id}`, this.#value(id)] as const),
      ...given,
    ])
    return execute(this.#tf, program, inputs, this.#task.seed)
  }

  #value(id: string): Tensor {
    return result(this.#values, id)
  }

  #replace(map: Map<string, Tensor>, key: string, tensor: Tensor): void {
    map.get(key)?.dispose()
    map.set(key, this.#tf.keep(this.#tf.clone(tensor)))
    if (this.#tf.engine().state.activeScope === null) tensor.dispose()
  }
}

/** Adds a batch to the totals; returns its loss. */
function tally(totals: Totals, results: ReadonlyMap<string, Tensor>, rows: number): number {
  totals.rows += rows
  totals.steps += 1
  for (const [key, tensor] of results) {
    if (key.startsWith('loss')) {
      totals.losses.set(key, (totals.losses.get(key) ?? 0) + (tensor.dataSync()[0] ?? NaN) * rows)
    } else if (key.startsWith('metric:')) {
      const label = key.slice('metric:'.length)
      const sums = totals.metrics.get(label) ?? new Float64Array(tensor.size)
      tensor.dataSync().forEach((sum, i) => (sums[i] = (sums[i] ?? 0) + sum))
      totals.metrics.set(label, sums)
    }
  }
  return result(results, 'loss').dataSync()[0] ?? NaN
}

function* batches(rows: number, batchSize: number): Generator<Uint32Array> {
  for (let start = 0; start < rows; start += batchSize) {
    yield Uint32Array.from({ length: Math.min(batchSize, rows - start) }, (_, i) => start + i)
  }
}

async function read(tensor: Tensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data())
}

function result(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`there is no tensor named ${name}`)
  return tensor
}
