import type * as tfjs from '@tensorflow/tfjs-core'

import { sizeOf } from '../../ir/ir.ts'
import type { Program } from '../../ir/ir.ts'
import { buildUpdate, slotsOf, stateOf } from '../../step/update.ts'
import { buildStep } from '../../step/step.ts'
import type { Task } from '../../step/task.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { isTrained } from '../../model/build.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Parameter } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { gatherInput, gatherTarget } from '../batch.ts'
import { emptySums } from '../engine.ts'
import type { MetricSums, OptimizerState, Session, TrainSteps } from '../engine.ts'
import type { Tf } from './backend.ts'
import { execute } from './executor.ts'

type Tensor = tfjs.Tensor
type Mode = 'train' | 'evaluate' | 'predict'

/** A model in the memory of TensorFlow.js. */
export class TfjsSession implements Session {
  readonly threads = 1
  readonly sliceMs = 100
  readonly #tf: Tf
  readonly #task: Task
  readonly #parameters: readonly Parameter[]
  readonly #trained: readonly Parameter[]
  readonly #values = new Map<string, Tensor>()
  readonly #optimizer = new Map<string, Tensor>()
  readonly #programs = new Map<string, Program>()
  readonly #updateProgram: Program
  #iterations = 0

  constructor(tf: Tf, task: Task, weights: Weights) {
    this.#tf = tf
    this.#task = task
    this.#parameters = task.graph.nodes.flatMap((node) => node.parameters)
    this.#trained = task.graph.nodes.flatMap((node) =>
      node.parameters.filter((parameter) => isTrained(node, parameter)),
    )
    this.#updateProgram = buildUpdate(task.optimizer, this.#trained)
    this.setWeights(weights)
    for (const { id, shape } of this.#trained) {
      for (const { name, initial } of slotsOf(task.optimizer)) {
        this.#keep(this.#optimizer, `slot:${id}/${name}`, () => tf.fill([...shape], initial))
      }
    }
    for (const { name, initial } of stateOf(task.optimizer)) {
      this.#keep(this.#optimizer, `state:${name}`, () => tf.scalar(initial))
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
      // A copy: the cpu backend computes on the array that it is given.
      this.#keep(this.#values, id, () => this.#tf.tensor(data.slice(), [...shape], 'float32'))
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
      this.#keep(this.#optimizer, `slot:${name}`, () => this.#tf.tensor(data.slice(), shape))
    }
    for (const [name, value] of state) {
      this.#keep(this.#optimizer, `state:${name}`, () => this.#tf.scalar(value))
    }
  }

  /** Nothing to do: batches are taken from the data set as it is. */
  load(): void {}

  unload(): void {}

  train(
    { encoded, order, rows = order, epoch, batchSize, first, count, factor, rowWeights }: TrainSteps,
    sums: MetricSums,
  ): Promise<void> {
    for (let step = first; step < first + count; step++) {
      const [start, end] = [step * batchSize, (step + 1) * batchSize]
      const places = order.subarray(start, end)
      const loss = this.#tf.tidy(() => {
        const batch = this.#batch(encoded, places, rowWeights)
        if (this.#task.augment?.length) {
          batch.set('rows', this.#tf.tensor1d(Int32Array.from(rows.subarray(start, end)), 'int32'))
          batch.set('epoch', this.#tf.scalar(epoch, 'int32'))
        }
        return this.#trainStep(batch, places.length, factor, sums)
      })
      if (!Number.isFinite(loss)) {
        sums.divergedAt = step
        break
      }
    }
    return Promise.resolve()
  }

  evaluate(encoded: EncodedRows, batchSize: number, sums = emptySums()): Promise<MetricSums> {
    for (const rows of batches(encoded.rows, batchSize)) {
      this.#tf.tidy(() => {
        const results = this.#run('evaluate', rows.length, this.#batch(encoded, rows, undefined))
        this.#tally(sums, figuresOf(results), this.#pack(figuresOf(results)), rows.length)
      })
    }
    return Promise.resolve(sums)
  }

  predict(encoded: EncodedRows, batchSize: number): Promise<Map<string, Float32Array>> {
    const { graph } = this.#task
    const sizes = new Map(graph.outputs.map((name) => [name, sizeOf(shapeOf(graph, name))]))
    const outputs = new Map([...sizes].map(([name, size]) => [name, new Float32Array(encoded.rows * size)]))
    for (const rows of batches(encoded.rows, batchSize)) {
      this.#tf.tidy(() => {
        const results = this.#run('predict', rows.length, this.#inputs(encoded, rows))
        for (const [name, whole] of outputs) {
          whole.set(result(results, `output:${name}`).dataSync(), (rows[0] ?? 0) * (sizes.get(name) ?? 0))
        }
      })
    }
    return Promise.resolve(outputs)
  }

  dispose(): void {
    for (const tensor of [...this.#values.values(), ...this.#optimizer.values()]) tensor.dispose()
    this.#values.clear()
    this.#optimizer.clear()
  }

  /** Returns the loss of the batch before its update; leaves the model as it was where that is no number. */
  #trainStep(given: ReadonlyMap<string, Tensor>, batch: number, factor: number, sums: MetricSums): number {
    const tf = this.#tf
    const trained = this.#trained.map(({ id }) => this.#value(id))
    // What outlives the tape: the scope that it opens disposes everything else.
    const kept = new Map<string, Tensor>()
    let figures = new Map<string, Tensor>()
    const forward = (): Tensor => {
      const results = this.#run('train', batch, given)
      figures = figuresOf(results)
      kept.set('figures', tf.keep(this.#pack(figures)))
      for (const [key, tensor] of results) {
        if (key.startsWith('assign:')) kept.set(key, tf.keep(tf.clone(tensor)))
      }
      return tf.reshape(result(results, 'loss'), [])
    }
    // Weights that the loss does not depend on have no gradient.
    const { grads } = tf.engine().gradients(forward, trained, undefined, true)
    const loss = this.#tally(sums, figures, result(kept, 'figures'), batch)
    if (Number.isFinite(loss)) {
      this.#update(grads, factor)
      for (const [key, tensor] of kept) {
        if (key.startsWith('assign:')) this.#keep(this.#values, key.slice('assign:'.length), () => tensor)
      }
      this.#iterations += 1
    }
    for (const tensor of kept.values()) tensor.dispose()
    return loss
  }

  #update(gradients: readonly (Tensor | null)[], factor: number): void {
    const tf = this.#tf
    const inputs = new Map<string, Tensor>(this.#optimizer)
    for (const [i, { id }] of this.#trained.entries()) {
      const value = this.#value(id)
      inputs.set(`parameter:${id}`, value)
      inputs.set(`gradient:${id}`, gradients[i] ?? tf.zerosLike(value))
    }
    inputs.set('iterations', tf.scalar(this.#iterations))
    inputs.set('factor', tf.scalar(factor))
    for (const [key, tensor] of execute(tf, this.#updateProgram, inputs, this.#task.seed)) {
      if (key.startsWith('parameter:')) this.#keep(this.#values, key.slice('parameter:'.length), () => tensor)
      else if (this.#optimizer.has(key)) this.#keep(this.#optimizer, key, () => tensor)
    }
  }

  /** Losses and metric sums in one tensor, so that a step waits for the backend once. */
  #pack(figures: ReadonlyMap<string, Tensor>): Tensor {
    return this.#tf.concat1d([...figures.values()].map((tensor) => this.#tf.reshape(tensor, [tensor.size])))
  }

  /** Adds the packed figures of a batch to the sums; returns its loss. */
  #tally(sums: MetricSums, figures: ReadonlyMap<string, Tensor>, packed: Tensor, rows: number): number {
    const numbers = packed.dataSync()
    let loss = NaN
    let offset = 0
    sums.rows += rows
    sums.steps += 1
    for (const [key, { size }] of figures) {
      const values = numbers.subarray(offset, offset + size)
      offset += size
      if (key === 'loss') loss = values[0] ?? NaN
      if (key.startsWith('metric:')) {
        const label = key.slice('metric:'.length)
        const metric = sums.metrics.get(label) ?? new Float64Array(size)
        values.forEach((sum, i) => (metric[i] = (metric[i] ?? 0) + sum))
        sums.metrics.set(label, metric)
      } else {
        sums.losses.set(key, (sums.losses.get(key) ?? 0) + (values[0] ?? NaN) * rows)
      }
    }
    return loss
  }

  #batch(encoded: EncodedRows, rows: Uint32Array, rowWeights: Float32Array | undefined): Map<string, Tensor> {
    const inputs = this.#inputs(encoded, rows)
    const perRow = rowWeights && Float32Array.from(rows, (row) => rowWeights[row] ?? 1)
    for (const { name, kind } of this.#task.outputs) {
      const target = encoded.targets.find((candidate) => candidate.name === name)
      const data = gatherTarget(encoded, name, rows)
      const shape = [rows.length, ...(target?.shape ?? [])]
      inputs.set(`target:${name}`, this.#tf.tensor(data, shape, kind === 'classes' ? 'int32' : 'float32'))
      inputs.set(
        `weight:${name}`,
        perRow === undefined ? this.#tf.ones([rows.length]) : this.#tf.tensor1d(perRow),
      )
    }
    return inputs
  }

  #inputs(encoded: EncodedRows, rows: Uint32Array): Map<string, Tensor> {
    return new Map(
      encoded.inputs.map((input) => [
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

  /** Puts a tensor in the place of another, which may be the same one. */
  #keep(map: Map<string, Tensor>, key: string, make: () => Tensor): void {
    const before = map.get(key)
    map.set(
      key,
      this.#tf.tidy(() => this.#tf.keep(this.#tf.clone(make()))),
    )
    before?.dispose()
  }
}

/** The losses and metric sums among the results of a step. */
function figuresOf(results: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...results].filter(([key]) => key === 'loss' || /^(loss|metric):/.test(key)))
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
