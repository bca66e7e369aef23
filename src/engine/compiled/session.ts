import { sizeOf } from '../../compiler/ir.ts'
import type { Program } from '../../compiler/ir.ts'
import { slotsOf, stateOf } from '../../compiler/optimize.ts'
import { optimize } from '../../compiler/passes/index.ts'
import { buildStep } from '../../compiler/step.ts'
import type { Task } from '../../compiler/task.ts'
import { buildTrainStep } from '../../compiler/train.ts'
import type { Arithmetic } from '../../compiler/wasm/arithmetic.ts'
import { RESERVED, compile } from '../../compiler/wasm/module.ts'
import type { Compiled } from '../../compiler/wasm/module.ts'
import type { StepsSpec } from '../../compiler/wasm/steps.ts'
import { workOf } from '../../compiler/work.ts'
import type { Dataset } from '../../data/dataset.ts'
import { isTrained } from '../../model/build.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Parameter } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { emptyTotals } from '../engine.ts'
import type { OptimizerState, Session, Totals, TrainSteps } from '../engine.ts'
import { Arena } from './arena.ts'
import { InlineRunner, ThreadsRunner } from './runner.ts'
import type { Runner } from './runner.ts'
import { StoredDataset } from './stored-dataset.ts'

type Mode = 'train' | 'evaluate' | 'predict'

export type SessionOptions = {
  readonly arithmetic: Arithmetic
  /** `auto`: by the work of a step. */
  readonly threads: number | 'auto'
  /** How many threads this machine runs at once. */
  readonly cores: number
}

/** Less work a step than this, and it runs on the calling thread. */
const INLINE_WORK = 1e6
/** Each thread of a step needs at least so much work to be worth its barriers. */
const THREAD_WORK = 4e6

/** A program for batches of one size, ready to run. */
type Ready = { readonly index: number; readonly compiled: Compiled; readonly figures: readonly string[] }

/** A model in the memory of compiled modules: one module for each program and size of a batch, all on one memory. */
export class CompiledSession implements Session {
  readonly #task: Task
  readonly #options: SessionOptions
  readonly #arena = new Arena(RESERVED)
  readonly #parameters: readonly Parameter[]
  /** Addresses of all that lives from step to step, by the programs' names. */
  readonly #placed = new Map<string, number>()
  readonly #slots: readonly { readonly name: string; readonly size: number }[]
  readonly #programs = new Map<string, Ready>()
  readonly #datasets = new WeakMap<Dataset, StoredDataset>()
  /** Addresses of the i32s that say where a data set lies and where results go. */
  readonly #pointers = new Map<string, number>()
  /** Addresses of the f64 totals, by figure. */
  readonly #totals = new Map<string, { readonly address: number; readonly length: number }>()
  #runner: Runner | undefined

  constructor(task: Task, weights: Weights, options: SessionOptions) {
    this.#task = task
    this.#options = options
    this.#parameters = task.graph.nodes.flatMap((node) => node.parameters)
    const trained = task.graph.nodes.flatMap((node) =>
      node.parameters.filter((parameter) => isTrained(node, parameter)),
    )
    const slots = slotsOf(task.optimizer)
    this.#slots = trained.flatMap(({ id, shape }) =>
      slots.map(({ name }) => ({ name: `${id}/${name}`, size: sizeOf(shape) })),
    )
    for (const { id, shape } of this.#parameters) this.#place(`parameter:${id}`, sizeOf(shape))
    for (const { id, shape } of trained) {
      for (const { name, initial } of slots) this.#place(`slot:${id}/${name}`, sizeOf(shape), initial)
    }
    for (const { name, initial } of stateOf(task.optimizer)) this.#place(`state:${name}`, 1, initial)
    for (const name of ['iterations', 'factor', 'counter']) this.#place(name, 1)
    this.setWeights(weights)
  }

  get threads(): number {
    return this.#runner?.threads ?? 1
  }

  get turn(): number {
    return this.#runner?.turn ?? 1
  }

  weights(): Promise<Map<string, Float32Array>> {
    return Promise.resolve(
      new Map(
        this.#parameters.map(({ id, shape }) => [id, this.#floats(`parameter:${id}`, sizeOf(shape)).slice()]),
      ),
    )
  }

  setWeights(weights: Weights): void {
    for (const { id, shape } of this.#parameters) {
      const data = weights.get(id)
      if (data === undefined) throw new Error(`no weights are given for ${id}`)
      this.#floats(`parameter:${id}`, sizeOf(shape)).set(data)
    }
  }

  optimizer(): Promise<OptimizerState> {
    const slots = this.#slots.map(
      ({ name, size }) => [name, this.#floats(`slot:${name}`, size).slice()] as const,
    )
    const state = stateOf(this.#task.optimizer).map(
      ({ name }) => [name, this.#floats(`state:${name}`, 1)[0] ?? 0] as const,
    )
    return Promise.resolve({
      iterations: this.#arena.integers(this.#address('counter'), 1)[0] ?? 0,
      slots: new Map(slots),
      state: new Map(state),
    })
  }

  setOptimizer({ iterations, slots, state }: OptimizerState): void {
    for (const { name, size } of this.#slots) {
      const data = slots.get(name)
      if (data === undefined) throw new Error(`no state is given for the optimizer's slot ${name}`)
      this.#floats(`slot:${name}`, size).set(data)
    }
    for (const [name, value] of state) this.#floats(`state:${name}`, 1)[0] = value
    this.#arena.integers(this.#address('counter'), 1)[0] = iterations
    this.#floats('iterations', 1)[0] = iterations
  }

  async train(
    { dataset, order, batchSize, first, count, factor, weights }: TrainSteps,
    totals: Totals,
  ): Promise<void> {
    const stored = this.#store(dataset)
    stored.weigh(weights)
    this.#arena.write(stored.order, order)
    this.#floats('factor', 1)[0] = factor
    await this.#run('train', stored, batchSize, first, first + count, totals)
  }

  async evaluate(dataset: Dataset, batchSize: number, weights?: Float32Array): Promise<Totals> {
    const totals = emptyTotals()
    const stored = this.#store(dataset)
    stored.weigh(weights)
    this.#arena.write(stored.order, inOrder(dataset.rows))
    await this.#run('evaluate', stored, batchSize, 0, Math.ceil(dataset.rows / batchSize), totals)
    return totals
  }

  async predict(dataset: Dataset, batchSize: number): Promise<Map<string, Float32Array>> {
    const stored = this.#store(dataset)
    this.#arena.write(stored.order, inOrder(dataset.rows))
    const { graph } = this.#task
    const results = graph.outputs.map((name) => {
      const length = dataset.rows * sizeOf(shapeOf(graph, name))
      return { name, length, address: this.#arena.allocate(4 * length, 'the predictions') }
    })
    for (const { name, address } of results) this.#point(`collect:${name}`, address)
    await this.#run('predict', stored, batchSize, 0, Math.ceil(dataset.rows / batchSize), emptyTotals())
    return new Map(
      results.map(({ name, address, length }) => [name, this.#arena.floats(address, length).slice()]),
    )
  }

  dispose(): void {
    this.#runner?.dispose()
  }

  /** Runs batches first ... below last of the stored order; the last batch of all may be smaller than the others. */
  async #run(
    mode: Mode,
    dataset: StoredDataset,
    batchSize: number,
    first: number,
    last: number,
    totals: Totals,
  ): Promise<void> {
    const whole = Math.floor(dataset.rows / batchSize)
    const pieces = [
      { batch: batchSize, first, last: Math.min(last, whole), offset: 0 },
      // Batches of a program count from the start of its order: the rest's only batch stands after the whole ones.
      { batch: dataset.rows % batchSize, first: 0, last: last > whole ? 1 : 0, offset: whole * batchSize },
    ]
    for (const { batch, first: from, last: to, offset } of pieces) {
      if (from >= to) continue
      this.#point('order', dataset.order + 4 * offset)
      for (const { input, address } of dataset.arrays) this.#point(input, address)
      const ready = this.#ready(mode, batch, dataset)
      if (mode === 'predict') this.#shiftCollects(offset)
      this.#writeTotals(ready, totals)
      const steps = (await this.#runner?.run(ready.index, from, to)) ?? 0
      this.#readTotals(ready, totals)
      totals.rows += steps * batch
      totals.steps += steps
      const loss = ready.compiled.buffers.get('loss')
      const value = loss && this.#arena.floats(loss.offset, 1)[0]
      if (value !== undefined && !Number.isFinite(value)) {
        totals.divergedAt = offset / batchSize + from + steps - 1
        return
      }
    }
  }

  #shiftCollects(rows: number): void {
    const { graph } = this.#task
    for (const name of graph.outputs) {
      const address = this.#arena.integers(this.#pointer(`collect:${name}`), 1)
      address[0] = (address[0] ?? 0) + 4 * rows * sizeOf(shapeOf(graph, name))
    }
  }

  #ready(mode: Mode, batch: number, dataset: StoredDataset): Ready {
    const key = `${mode}:${batch}:${dataset.layout}`
    const known = this.#programs.get(key)
    if (known !== undefined) return known
    const program = optimize(
      mode === 'train' ? buildTrainStep(this.#task, batch) : buildStep(this.#task, batch, mode),
    )
    this.#runner ??= this.#chooseRunner(workOf(program))
    const figures = [...program.outputs.keys()].filter((name) => /^(loss$|loss:|metric:)/.test(name))
    if (mode !== 'predict') this.#placeTotals(program, figures)
    const compiled = this.#compile(program, figures, mode, batch, dataset)
    const index = this.#runner.add(new WebAssembly.Module(compiled.bytes))
    const ready = { index, compiled, figures }
    this.#programs.set(key, ready)
    return ready
  }

  #compile(
    program: Program,
    figures: readonly string[],
    mode: Mode,
    batch: number,
    dataset: StoredDataset,
  ): Compiled {
    const base = this.#arena.top
    const compiled = compile(program, {
      arithmetic: this.#options.arithmetic,
      seed: this.#task.seed,
      threads: this.threads,
      placed: this.#placed,
      base,
      steps: (buffers) => this.#stepsSpec(buffers, figures, mode, batch, dataset),
    })
    this.#arena.allocate(compiled.memoryBytes - base, `a network with batches of ${batch} rows`)
    for (const { offset, data } of compiled.constants) this.#arena.write(offset, data)
    return compiled
  }

  #stepsSpec(
    buffers: Compiled['buffers'],
    figures: readonly string[],
    mode: Mode,
    batch: number,
    dataset: StoredDataset,
  ): StepsSpec {
    const at = (name: string): number => {
      const buffer = buffers.get(name)
      if (buffer === undefined) throw new Error(`the program has no ${name}`)
      return buffer.offset
    }
    const { graph } = this.#task
    return {
      batch,
      order: this.#pointer('order'),
      gathers: dataset.arrays
        .filter(({ input }) => buffers.has(input))
        .map(({ input, storage, size, scale }) => ({
          source: this.#pointer(input),
          storage,
          size,
          target: at(input),
          to: buffers.get(input)?.dtype ?? 'f32',
          ...(scale && { scale }),
        })),
      tallies: figures.map((name) => {
        const total = this.#totals.get(name)
        if (total === undefined) throw new Error(`there is no total of ${name}`)
        const factor = name.startsWith('loss') ? batch : 1
        return { from: at(name), length: total.length, to: total.address, factor }
      }),
      collects:
        mode === 'predict'
          ? graph.outputs.map((name) => ({
              from: at(`output:${name}`),
              bytes: 4 * batch * sizeOf(shapeOf(graph, name)),
              target: this.#pointer(`collect:${name}`),
            }))
          : [],
      ...(mode === 'train' && {
        loss: at('loss'),
        count: { counter: this.#address('counter'), iterations: this.#address('iterations') },
      }),
    }
  }

  #chooseRunner(work: number): Runner {
    const { threads, cores } = this.#options
    const { memory } = this.#arena
    if (threads === 'auto') {
      if (work < INLINE_WORK) return new InlineRunner(memory)
      return new ThreadsRunner(memory, Math.max(1, Math.min(cores, Math.floor(work / THREAD_WORK))))
    }
    return threads === 1 && work < INLINE_WORK ? new InlineRunner(memory) : new ThreadsRunner(memory, threads)
  }

  #placeTotals(program: Program, figures: readonly string[]): void {
    for (const name of figures) {
      if (this.#totals.has(name)) continue
      const length = sizeOf(program.outputs.get(name)?.shape ?? [])
      this.#totals.set(name, { length, address: this.#arena.allocate(8 * length, 'the figures') })
    }
  }

  /** The sums go on from what they are, so that they are the same however the steps are cut into calls. */
  #writeTotals({ figures }: Ready, totals: Totals): void {
    for (const name of figures) {
      const { address, length } = this.#totals.get(name) ?? { address: 0, length: 0 }
      const sums = this.#arena.doubles(address, length)
      if (name.startsWith('loss')) sums[0] = totals.losses.get(name) ?? 0
      else sums.set(totals.metrics.get(name.slice('metric:'.length)) ?? new Float64Array(length))
    }
  }

  #readTotals({ figures }: Ready, totals: Totals): void {
    for (const name of figures) {
      const { address, length } = this.#totals.get(name) ?? { address: 0, length: 0 }
      const sums = this.#arena.doubles(address, length)
      if (name.startsWith('loss')) totals.losses.set(name, sums[0] ?? 0)
      else totals.metrics.set(name.slice('metric:'.length), sums.slice())
    }
  }

  #store(dataset: Dataset): StoredDataset {
    const known = this.#datasets.get(dataset)
    if (known !== undefined) return known
    const stored = new StoredDataset(this.#arena, dataset)
    this.#datasets.set(dataset, stored)
    return stored
  }

  #place(name: string, size: number, initial = 0): void {
    const address = this.#arena.allocate(4 * size, 'the network')
    this.#placed.set(name, address)
    this.#arena.floats(address, size).fill(initial)
  }

  #address(name: string): number {
    const address = this.#placed.get(name)
    if (address === undefined) throw new Error(`nothing is placed under ${name}`)
    return address
  }

  #floats(name: string, size: number): Float32Array {
    return this.#arena.floats(this.#address(name), size)
  }

  /** The address of the i32 that holds the address of something. */
  #pointer(name: string): number {
    const address = this.#pointers.get(name)
    if (address === undefined) throw new Error(`nothing points to ${name}`)
    return address
  }

  #point(name: string, address: number): void {
    const pointer = this.#pointers.get(name) ?? this.#arena.allocate(4, 'the pointers')
    this.#pointers.set(name, pointer)
    this.#arena.integers(pointer, 1)[0] = address
  }
}

function inOrder(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, i) => i)
}
