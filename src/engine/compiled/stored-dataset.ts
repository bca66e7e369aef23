import type { Gather } from '../../compiler/wasm/steps.ts'
import type { Dataset } from '../../data/dataset.ts'
import type { Arena } from './arena.ts'

type Stored = {
  /** The name of the program's input: `input:NAME`, `target:NAME` or `weight:NAME`. */
  readonly input: string
  readonly address: number
  readonly storage: Gather['storage']
  readonly size: number
  readonly scale?: Gather['scale']
}

/** A data set in the memory of a model, in its compact types. */
export class StoredDataset {
  readonly arrays: readonly Stored[]
  readonly rows: number
  /** Where the row numbers of an epoch are written. */
  readonly order: number
  readonly #arena: Arena
  readonly #weights: number
  #given: Float32Array | undefined

  constructor(arena: Arena, dataset: Dataset) {
    const store = (numbers: Float32Array | Int32Array | Uint8Array): number => {
      const address = arena.allocate(numbers.byteLength, `a data set of ${dataset.rows} rows`)
      arena.write(address, numbers)
      return address
    }
    this.#arena = arena
    this.rows = dataset.rows
    this.order = arena.allocate(4 * dataset.rows, 'the order of the rows')
    this.#weights = store(new Float32Array(dataset.rows).fill(1))
    const inputs = dataset.inputs.map(({ name, shape, data, scale }): Stored => ({
      input: `input:${name}`,
      address: store(data),
      storage: data instanceof Uint8Array ? 'u8' : data instanceof Int32Array ? 'i32' : 'f32',
      size: shape.reduce((product, length) => product * length, 1),
      ...(scale && { scale }),
    }))
    const targets = dataset.targets.flatMap(({ name, shape, data }): Stored[] => [
      {
        input: `target:${name}`,
        address: store(data),
        storage: data instanceof Int32Array ? 'i32' : 'f32',
        size: shape.reduce((product, length) => product * length, 1),
      },
      { input: `weight:${name}`, address: this.#weights, storage: 'f32', size: 1 },
    ])
    this.arrays = [...inputs, ...targets]
  }

  /** Sets the weights of the rows, or 1 for all of them. */
  weigh(weights: Float32Array | undefined): void {
    if (weights === this.#given) return
    this.#arena.write(this.#weights, weights ?? new Float32Array(this.rows).fill(1))
    this.#given = weights
  }

  /** What tells programs for data sets of different types apart. */
  get layout(): string {
    return this.arrays
      .map(({ input, storage, scale }) => `${input}=${storage}*${scale?.multiply ?? 1}+${scale?.add ?? 0}`)
      .join()
  }
}
