import { sizeOf } from '../../ir/ir.ts'
import type { Task } from '../../step/task.ts'
import { RESERVED } from '../../backend/wasm/module.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { inOrder } from '../../data/rows/in-order.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { emptySums } from '../engine.ts'
import type { MetricSums, OptimizerState, Session, TrainSteps } from '../engine.ts'
import { Arena } from './arena.ts'
import { layoutOf } from './columns.ts'
import { outputOf, pointerTo, Programs } from './programs.ts'
import type { Figure, Mode, ProgramOptions, Ready } from './programs.ts'
import { ModelState } from './state.ts'

/** The batches of one call. */
type Batches = {
  readonly encoded: EncodedRows
  /** Row numbers, batch after batch; the last batch of all may be smaller than the others. */
  readonly order: Uint32Array
  /** Which row of its split each one is, in the same order. */
  readonly rows?: Uint32Array | undefined
  readonly batchSize: number
  readonly first: number
  /** The batch to end before. */
  readonly last: number
  readonly rowWeights?: Float32Array | undefined
}

/** Where the columns of a data set lie, by their names. */
type Room = ReadonlyMap<string, { readonly address: number; readonly bytes: number }>

/** A model in the memory of compiled modules. */
export class CompiledSession implements Session {
  readonly #task: Task
  readonly #arena = new Arena(RESERVED)
  readonly #state: ModelState
  readonly #programs: Programs
  readonly #stored = new Map<EncodedRows, Room>()
  /** The rooms of data sets that are not needed any more. */
  readonly #vacant: Room[] = []

  constructor(task: Task, weights: Weights, options: ProgramOptions) {
    this.#task = task
    this.#state = new ModelState(this.#arena, task)
    this.#state.weights = weights
    this.#programs = new Programs(task, this.#arena, options)
  }

  get threads(): number {
    return this.#programs.runner?.threads ?? 1
  }

  get sliceMs(): number {
    return this.#programs.runner?.sliceMs ?? 1
  }

  weights(): Promise<Map<string, Float32Array>> {
    return Promise.resolve(this.#state.weights)
  }

  setWeights(weights: Weights): void {
    this.#state.weights = weights
  }

  optimizer(): Promise<OptimizerState> {
    return Promise.resolve(this.#state.optimizer)
  }

  setOptimizer(state: OptimizerState): void {
    this.#state.optimizer = state
  }

  load(encoded: EncodedRows): void {
    if (this.#stored.has(encoded)) return
    const { columns } = layoutOf(encoded)
    const vacant = this.#vacant.findIndex((room) =>
      columns.every(({ input, numbers }) => (room.get(input)?.bytes ?? 0) >= (numbers?.byteLength ?? 0)),
    )
    const [room] = vacant < 0 ? [] : this.#vacant.splice(vacant, 1)
    this.#stored.set(encoded, this.#store(encoded, room))
  }

  unload(encoded: EncodedRows): void {
    const room = this.#stored.get(encoded)
    if (room && this.#stored.delete(encoded)) this.#vacant.push(room)
  }

  async train({ first, count, factor, epoch, ...steps }: TrainSteps, sums: MetricSums): Promise<void> {
    this.load(steps.encoded)
    this.#state.factor = factor
    this.#state.epoch = epoch
    await this.#run('train', { ...steps, first, last: first + count }, sums)
  }

  async evaluate(encoded: EncodedRows, batchSize: number, sums = emptySums()): Promise<MetricSums> {
    this.load(encoded)
    await this.#run('evaluate', everyRow(encoded, batchSize), sums)
    return sums
  }

  async predict(encoded: EncodedRows, batchSize: number): Promise<Map<string, Float32Array>> {
    const { graph } = this.#task
    const results = new Map(
      graph.outputs.map((name) => [name, new Float32Array(encoded.rows * sizeOf(shapeOf(graph, name)))]),
    )
    await this.#run('predict', everyRow(encoded, batchSize), emptySums(), results)
    return results
  }

  dispose(): void {
    this.#programs.runner?.dispose()
    this.#stored.clear()
  }

  async #run(
    mode: Mode,
    batches: Batches,
    sums: MetricSums,
    results?: Map<string, Float32Array>,
  ): Promise<void> {
    const { encoded, order, rows = order, batchSize, first, last } = batches
    const layout = layoutOf(encoded)
    const whole = Math.floor(order.length / batchSize)
    const pieces = [
      { batch: batchSize, from: first, to: Math.min(last, whole), offset: 0 },
      // Batches of a program count from the start of its order: the rest's only batch stands after the whole ones.
      {
        batch: order.length % batchSize,
        from: Math.max(0, first - whole),
        to: last > whole ? 1 : 0,
        offset: whole,
      },
    ]
    const runs = pieces
      .filter(({ batch, from, to }) => batch > 0 && from < to)
      .map((piece) => ({ ...piece, ready: this.#programs.get(mode, piece.batch, layout) }))
    // What is allocated from here on is for this call alone.
    const mark = this.#arena.top
    try {
      const room = this.#stored.get(encoded) ?? this.#store(encoded)
      const rowWeights = batches.rowWeights ?? new Float32Array(encoded.rows).fill(1)
      const weightsAddress = this.#write(rowWeights, 'the weights of the rows')
      for (const { input } of layout.columns) this.#point(input, room.get(input)?.address ?? weightsAddress)
      const orderAddress = this.#write(order, 'the order of the rows')
      const rowsAddress = rows === order ? orderAddress : this.#write(rows, 'the numbers of the rows')
      const found = [...(results ?? [])].map(([name, numbers]) => {
        const address = this.#arena.allocate(numbers.byteLength, 'the predictions')
        return { name, numbers, address, size: numbers.length / encoded.rows }
      })
      for (const { ready, from, to, offset } of runs) {
        const done = offset * batchSize
        this.#point('order', orderAddress + 4 * done)
        this.#point('rows', rowsAddress + 4 * done)
        for (const { name, address, size } of found) this.#point(outputOf(name), address + 4 * done * size)
        this.#writeSums(ready.figures, sums)
        const steps = await ready.run(from, to)
        this.#readSums(ready.figures, sums)
        sums.rows += steps * ready.batch
        sums.steps += steps
        if (mode === 'train' && !Number.isFinite(this.#lossOf(ready))) {
          sums.divergedAt = offset + from + steps - 1
          break
        }
      }
      for (const { numbers, address } of found) numbers.set(this.#arena.floats(address, numbers.length))
    } finally {
      this.#arena.release(mark)
    }
  }

  /** Copies a data set into the memory: where there is room, or into new room once there is enough for all of it. */
  #store(encoded: EncodedRows, vacant?: Room): Room {
    const columns = layoutOf(encoded).columns.flatMap(({ input, numbers }) =>
      numbers ? [{ input, numbers }] : [],
    )
    const what = `a data set of ${encoded.rows} rows`
    const room =
      vacant ??
      new Map(
        columns.map(({ input, numbers: { byteLength: bytes } }) => [
          input,
          { address: this.#arena.allocate(bytes, what), bytes },
        ]),
      )
    for (const { input, numbers } of columns) this.#arena.write(room.get(input)?.address ?? 0, numbers)
    return room
  }

  #write(numbers: Float32Array | Uint32Array, what: string): number {
    const address = this.#arena.allocate(numbers.byteLength, what)
    this.#arena.write(address, numbers)
    return address
  }

  /** Says where something lies, if a program asks for it. */
  #point(name: string, address: number): void {
    const pointer = this.#arena.named.get(pointerTo(name))
    if (pointer !== undefined) this.#arena.integers(pointer, 1)[0] = address
  }

  #lossOf({ loss }: Ready): number {
    return loss === undefined ? NaN : (this.#arena.floats(loss, 1)[0] ?? NaN)
  }

  /** The sums go on from what they are, so that they are the same however the steps are cut into calls. */
  #writeSums(figures: readonly Figure[], { losses, metrics }: MetricSums): void {
    for (const { name, address, length } of figures) {
      const sums = name.startsWith('loss') ? [losses.get(name) ?? 0] : metrics.get(labelOf(name))
      this.#arena.doubles(address, length).set(sums ?? new Float64Array(length))
    }
  }

  #readSums(figures: readonly Figure[], { losses, metrics }: MetricSums): void {
    for (const { name, address, length } of figures) {
      const sums = this.#arena.doubles(address, length)
      if (name.startsWith('loss')) losses.set(name, sums[0] ?? 0)
      else metrics.set(labelOf(name), sums.slice())
    }
  }
}

function labelOf(figure: string): string {
  return figure.slice('metric:'.length)
}

/** One pass over a data set in its own order. */
function everyRow(encoded: EncodedRows, batchSize: number): Batches {
  const order = inOrder(0, encoded.rows)
  return { encoded, order, batchSize, first: 0, last: Math.ceil(encoded.rows / batchSize) }
}
