import { RESERVED } from '../../backend/wasm/module.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { inOrder } from '../../data/rows/in-order.ts'
import { sizeOf } from '../../ir/ir.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { required } from '../../step/step-program.ts'
import type { StepMode } from '../../step/step.ts'
import type { Task, Unfrozen } from '../../step/task.ts'
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
import { Accumulators } from './accumulators.ts'
import { Arena } from './arena.ts'
import { keyOf, layoutOf } from './columns.ts'
import type { StoredLayout } from './columns.ts'
import { nativeName } from './native.ts'
import { Pointers } from './pointers.ts'
import { Programs } from './programs.ts'
import type { ProgramOptions } from './programs.ts'
import type { ReadyProgram } from './ready-program.ts'
import { ModelState } from './state.ts'

/**
 * The fewest rows that predictions are computed of at once: from here on, what is computed of a row does not depend on how
 * many there are in its batch (backend/plan/reductions, backend/plan/winograd).
 */
export const FEWEST_ROWS = 16

/** The batches of one call. */
type CallBatches = {
  readonly encoded: EncodedRows
  /** Row numbers, batch after batch; the last batch of all may be smaller than the others. */
  readonly order: Uint32Array
  /** The row of its split that each one is, in the same order. */
  readonly rows?: Uint32Array | undefined
  readonly batchSize: number
  readonly first: number
  /** The batch to end before. */
  readonly last: number
  readonly rowWeights?: BatchWeights | undefined
  /** Frozen layers that are trained by now. */
  readonly unfrozen?: Unfrozen | undefined
}

/** Some of the batches of a call, on one program, whose first batch is `offset` batches after the first of the order. */
type ProgramRun = {
  readonly ready: ReadyProgram
  readonly first: number
  readonly last: number
  readonly offset: number
}

/** Addresses of the columns of encoded rows, by their keys. */
type StoredColumns = ReadonlyMap<string, { readonly address: number; readonly bytes: number }>

/** A model in the memory of compiled modules. */
export class CompiledSession implements Session {
  readonly #task: Task
  readonly #arena: Arena
  readonly #state: ModelState
  readonly #pointers: Pointers
  readonly #accumulators: Accumulators
  readonly #programs: Programs
  readonly #layouts = new WeakMap<EncodedRows, StoredLayout>()
  readonly #stored = new Map<EncodedRows, StoredColumns>()
  /** The room of encoded rows that are not needed any more. */
  readonly #vacant: StoredColumns[] = []

  constructor(task: Task, weights: Weights, options: ProgramOptions) {
    const arena = new Arena(RESERVED, (memory, bytes) => options.native()?.useLargePages(memory, bytes))
    this.#task = task
    this.#arena = arena
    this.#state = new ModelState(arena, task)
    this.#state.weights = weights
    this.#pointers = new Pointers(arena, task)
    this.#accumulators = new Accumulators(arena, task)
    const memory = { arena, state: this.#state, pointers: this.#pointers, accumulators: this.#accumulators }
    this.#programs = new Programs(task, memory, options)
  }

  get threads(): number {
    return this.#programs.runner?.threads ?? 1
  }

  get native() {
    return nativeName(this.#programs.native)
  }

  get sliceMs(): number {
    return this.#programs.runner?.sliceMs ?? 1
  }

  get waitedMs(): number {
    return this.#programs.runner?.waitedMs ?? 0
  }

  weights(): Promise<Map<string, Float32Array>> {
    return Promise.resolve(this.#state.weights)
  }

  setWeights(weights: Weights): void {
    this.#state.weights = weights
  }

  async optimizer(): Promise<OptimizerState> {
    await this.#programs.completeSlots()
    return this.#state.optimizer
  }

  setOptimizer(state: OptimizerState): void {
    this.#state.optimizer = state
  }

  load(encoded: EncodedRows): void {
    if (this.#stored.has(encoded)) return
    const { columns } = this.#layoutOf(encoded)
    const vacant = this.#vacant.findIndex((room) =>
      columns.every((column) => (room.get(keyOf(column))?.bytes ?? 0) >= (column.numbers?.byteLength ?? 0)),
    )
    const [room] = vacant < 0 ? [] : this.#vacant.splice(vacant, 1)
    this.#stored.set(encoded, this.#store(encoded, room))
  }

  unload(encoded: EncodedRows): void {
    const room = this.#stored.get(encoded)
    if (room && this.#stored.delete(encoded)) this.#vacant.push(room)
  }

  async train(
    { first, count, factor, epoch, ...steps }: TrainSteps,
    sums = emptySums(),
  ): Promise<TrainedSteps> {
    this.load(steps.encoded)
    this.#state.factor = factor
    this.#state.epoch = epoch
    return this.#run('train', { ...steps, first, last: first + count }, sums)
  }

  async evaluate(encoded: EncodedRows, batchSize: number, sums = emptySums()): Promise<MetricSums> {
    this.load(encoded)
    const batches = { ...everyRow(encoded, batchSize), rowWeights: encoded.sampleWeight }
    return (await this.#run('evaluate', batches, sums)).sums
  }

  async predict(encoded: EncodedRows, batchSize: number): Promise<Map<string, Float32Array>> {
    const { graph } = this.#task
    const batches = filledUp(everyRow(encoded, Math.max(batchSize, FEWEST_ROWS)))
    const { length } = batches.order
    const results = new Map(
      graph.outputs.map((name) => [name, new Float32Array(length * sizeOf(shapeOf(graph, name)))]),
    )
    await this.#run('predict', batches, emptySums(), results)
    const sizeOfRows = (numbers: Float32Array): number => (numbers.length / length) * encoded.rows
    return new Map(Array.from(results, ([name, numbers]) => [name, numbers.subarray(0, sizeOfRows(numbers))]))
  }

  dispose(): void {
    this.#programs.runner?.dispose()
    this.#stored.clear()
  }

  async #run(
    mode: StepMode,
    batches: CallBatches,
    before: MetricSums,
    results = new Map<string, Float32Array>(),
  ): Promise<TrainedSteps> {
    const runs = this.#runsOf(mode, batches)
    // What is allocated from here on is for this call alone.
    const mark = this.#arena.top
    try {
      const { order, rows } = this.#placeRows(batches)
      const predictions = this.#placeResults(results, batches.order)
      let { rows: rowsDone, steps } = before
      let divergedAt: number | undefined
      this.#accumulators.write(before)
      for (const { ready, first, last, offset } of runs) {
        const done = offset * batches.batchSize
        this.#point(this.#pointers.order, order + 4 * done)
        this.#point(this.#pointers.rows, rows + 4 * done)
        for (const { pointer, address, size } of predictions) this.#point(pointer, address + 4 * done * size)
        const ran = await ready.run(first, last)
        rowsDone += ran * ready.batch
        steps += ran
        if (mode === 'train' && !Number.isFinite(this.#lossOf(ready))) {
          divergedAt = offset + first + ran - 1
          break
        }
      }
      for (const { numbers, address } of predictions) numbers.set(this.#arena.floats(address, numbers.length))
      const sums = { rows: rowsDone, steps, ...this.#accumulators.read() }
      return { sums, ...(divergedAt !== undefined && { divergedAt }) }
    } finally {
      this.#arena.release(mark)
    }
  }

  /** The programs that run some batches: one for the whole batches, one for the smaller last. */
  #runsOf(mode: StepMode, { encoded, order, batchSize, first, last, unfrozen }: CallBatches): ProgramRun[] {
    const layout = this.#layoutOf(encoded)
    const whole = Math.floor(order.length / batchSize)
    const pieces = [
      { batch: batchSize, first, last: Math.min(last, whole), offset: 0 },
      // Batches of a program count from the start of its order: the rest's only batch stands after the whole ones.
      {
        batch: order.length % batchSize,
        first: Math.max(0, first - whole),
        last: last > whole ? 1 : 0,
        offset: whole,
      },
    ]
    return pieces
      .filter((piece) => piece.batch > 0 && piece.first < piece.last)
      .map(({ batch, ...piece }) => ({ ...piece, ready: this.#programs.get(mode, batch, layout, unfrozen) }))
  }

  /** Points programs at the columns of the rows; returns the addresses of their order and of their numbers. */
  #placeRows({ encoded, order, rows = order, rowWeights }: CallBatches): { order: number; rows: number } {
    const columns = this.#stored.get(encoded) ?? this.#store(encoded)
    const { outputs } = this.#task
    const most = Math.max(1, ...outputs.map(({ weights = [] }) => sizeOf(weights)))
    const written = new Map<Float32Array | undefined, number>()
    const weightsAt = (name: string): number => {
      const output = outputs.find((one) => one.name === name)
      const weights = output && weightsFor(rowWeights, output, encoded.rows)
      const address =
        written.get(weights) ??
        this.#write(weights ?? new Float32Array(encoded.rows * most).fill(1), 'the weights of the rows')
      written.set(weights, address)
      return address
    }
    for (const column of this.#layoutOf(encoded).columns) {
      const pointer = required(this.#pointers[column.kind], column.name)
      this.#point(pointer, columns.get(keyOf(column))?.address ?? weightsAt(column.name))
    }
    const orderAddress = this.#write(order, 'the order of the rows')
    const rowsAddress = rows === order ? orderAddress : this.#write(rows, 'the numbers of the rows')
    return { order: orderAddress, rows: rowsAddress }
  }

  /** Room for the predictions of all rows. */
  #placeResults(results: ReadonlyMap<string, Float32Array>, { length: rows }: Uint32Array) {
    return Array.from(results, ([name, numbers]) => ({
      numbers,
      pointer: required(this.#pointers.outputs, name),
      address: this.#arena.allocate(numbers.byteLength, 'the predictions'),
      size: numbers.length / rows,
    }))
  }

  /** Copies encoded rows into the memory: into vacant room, or into new room once there is enough for all of them. */
  #store(encoded: EncodedRows, vacant?: StoredColumns): StoredColumns {
    const columns = this.#layoutOf(encoded).columns.flatMap((column) =>
      column.numbers ? [{ key: keyOf(column), numbers: column.numbers }] : [],
    )
    const what = `a data set of ${encoded.rows} rows`
    const room =
      vacant ??
      new Map(
        columns.map(({ key, numbers: { byteLength: bytes } }) => [
          key,
          { address: this.#arena.allocate(bytes, what), bytes },
        ]),
      )
    for (const { key, numbers } of columns) this.#arena.write(required(room, key).address, numbers)
    return room
  }

  #layoutOf(encoded: EncodedRows): StoredLayout {
    const layout = this.#layouts.get(encoded) ?? layoutOf(encoded, this.#task.outputs)
    this.#layouts.set(encoded, layout)
    return layout
  }

  #write(numbers: Float32Array | Uint32Array, what: string): number {
    const address = this.#arena.allocate(numbers.byteLength, what)
    this.#arena.write(address, numbers)
    return address
  }

  #point(pointer: number, address: number): void {
    this.#arena.integers(pointer, 1)[0] = address
  }

  #lossOf({ loss }: ReadyProgram): number {
    return loss === undefined ? NaN : (this.#arena.floats(loss, 1)[0] ?? NaN)
  }
}

/** The last batch filled up with its last row to the fewest rows of a batch. */
function filledUp({ order, batchSize, ...batches }: CallBatches): CallBatches {
  const rest = order.length % batchSize
  const missing = rest === 0 ? 0 : Math.max(0, FEWEST_ROWS - rest)
  const filled = new Uint32Array(order.length + missing).fill(order.at(-1) ?? 0)
  filled.set(order)
  return { ...batches, batchSize, order: filled }
}

/** One pass over a data set in its own order. */
function everyRow(encoded: EncodedRows, batchSize: number): CallBatches {
  const order = inOrder(0, encoded.rows)
  return { encoded, order, batchSize, first: 0, last: Math.ceil(encoded.rows / batchSize) }
}
