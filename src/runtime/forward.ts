// The forward pass of a model as a WebAssembly module, for any number of rows.

import { RunError } from '../errors.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Shape } from '../ir/ir.ts'

/** An array in the memory of a module: [rows, ...shape] float32 numbers from an address on. */
export type ForwardArray = { readonly name: string; readonly shape: Shape; readonly address: number }

export type ForwardInput = ForwardArray & {
  /** The number of vectors of the embedding that looks it up, if one does. */
  readonly vectors?: number | undefined
}

/** The places of what the modules of a forward pass take and make. */
export type ForwardLayout = {
  /** Rows of a call. */
  readonly rows: number
  /** Pages of 64 KiB that the memory has at least. */
  readonly pages: number
  /** The address of the weights, all of them in the order of their file. */
  readonly weights: number
  readonly inputs: readonly ForwardInput[]
  readonly outputs: readonly ForwardArray[]
}

/** Version of the description of a forward pass. */
export const FORWARD_VERSION = 1

/** The forward pass as model.json describes it. */
export type SavedForward = ForwardLayout & {
  readonly version: number
  /** The files of its modules, the best first: a host takes the first one that it can run. */
  readonly modules: readonly { readonly path: string; readonly sha256: string }[]
}

const MOST_PAGES = 65536

/** A model that computes: the numbers of its outputs from those of its inputs. */
export class ForwardPass {
  readonly #layout: ForwardLayout
  readonly #memory: WebAssembly.Memory
  readonly #run: (thread: number, threads: number) => number

  private constructor(
    layout: ForwardLayout,
    memory: WebAssembly.Memory,
    run: (thread: number, threads: number) => number,
  ) {
    this.#layout = layout
    this.#memory = memory
    this.#run = run
  }

  /** `modules` in order of preference: the first one that this host can run is taken. */
  static async open(
    modules: readonly Uint8Array<ArrayBuffer>[],
    layout: ForwardLayout,
    weights: Uint8Array,
  ): Promise<ForwardPass> {
    const bytes = modules.find((one) => WebAssembly.validate(one))
    if (bytes === undefined) throw new RunError('this host cannot run the model: its WebAssembly has no SIMD')
    const memory = new WebAssembly.Memory({ initial: layout.pages, maximum: MOST_PAGES, shared: false })
    // Not at once: browsers refuse to compile large modules on the main thread.
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } })
    const { run } = instance.exports
    if (run === undefined) throw new Error('the module exports no run')
    new Uint8Array(memory.buffer, layout.weights).set(weights)
    return new ForwardPass(layout, memory, run)
  }

  /** The outputs, [rows, ...] of each, for inputs of the same form. */
  predict(inputs: ReadonlyMap<string, Float32Array>, rows: number): Map<string, Float32Array> {
    const { rows: batch, inputs: places, outputs } = this.#layout
    const results = new Map(outputs.map(({ name, shape }) => [name, new Float32Array(rows * sizeOf(shape))]))
    for (let first = 0; first < rows; first += batch) {
      const last = Math.min(rows, first + batch)
      for (const place of places) {
        const size = sizeOf(place.shape)
        const numbers = inputs.get(place.name)?.subarray(first * size, last * size)
        // Rows beyond the last are zero: what is computed of them is not read.
        this.#arrayAt(place)
          .fill(0)
          .set(numbers ?? [])
      }
      this.#run(0, 1)
      for (const place of outputs) {
        const size = sizeOf(place.shape)
        results.get(place.name)?.set(this.#arrayAt(place).subarray(0, (last - first) * size), first * size)
      }
    }
    return results
  }

  #arrayAt({ address, shape }: ForwardArray): Float32Array {
    return new Float32Array(this.#memory.buffer, address, this.#layout.rows * sizeOf(shape))
  }
}
