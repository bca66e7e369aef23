import type { TileMachine, TileRun } from '../plan/tile-machine.ts'
import { Assembler } from './assembler.ts'
import type { VectorBytes } from './assembler.ts'
import { emitTiles, rowsBeside, tileSizes, vectorFor } from './tiles.ts'

/** Machine code to be made executable, and where each of its functions (i32, i32, i32, i32) begins. */
export type MachineCode = { readonly bytes: Uint8Array; readonly entries: readonly number[] }

/** Collects the functions that one module calls, each kind of tile once. */
export class NativeFunctions implements TileMachine {
  readonly sizes
  readonly #vector: VectorBytes
  readonly #memory: bigint
  readonly #code = new Assembler()
  readonly #entries: number[] = []
  readonly #known = new Map<string, number>()
  /** The tiles that the functions compute. */
  readonly runs: TileRun[] = []

  /** `memory`: the address of the module's memory in this process. */
  constructor(vector: VectorBytes, memory: bigint) {
    this.sizes = tileSizes(vector)
    this.#vector = vector
    this.#memory = memory
  }

  rowsBeside(columns: number, inParts = false): number {
    return rowsBeside(vectorFor(this.#vector, columns), columns, inParts)
  }

  functionOf(run: TileRun): number {
    const key = JSON.stringify(run)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#code.align(64)
    this.#entries.push(this.#code.length)
    this.#code.vector = vectorFor(this.#vector, run.columns)
    emitTiles(this.#code, this.#memory, run)
    this.#known.set(key, this.#entries.length - 1)
    this.runs.push(run)
    return this.#entries.length - 1
  }

  /** The code of all functions so far. */
  get code(): MachineCode {
    return { bytes: this.#code.toUint8Array(), entries: this.#entries }
  }
}
