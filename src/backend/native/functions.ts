import type { LongFunction } from '../plan/element-program.ts'
import type { RandomRun, SweepRun, TileMachine, TileRun } from '../plan/tile-machine.ts'
import { Assembler } from './assembler.ts'
import type { VectorBytes } from './assembler.ts'
import { emitMap } from './map.ts'
import { programOf } from './math.ts'
import { emitRandom } from './random.ts'
import { sweepEmitter } from './sweep.ts'
import { registersOf } from './vector-code.ts'
import { emitTiles, rowsBeside, tileSizes, vectorFor } from './tiles.ts'

/** Machine code to be made executable, and where each of its functions (i32, i32, i32, i32) begins. */
export type MachineCode = { readonly bytes: Uint8Array; readonly entries: readonly number[] }

type EmitFunction = (code: Assembler, memory: bigint) => void

/** Collects the functions that one module calls, each kind of tile once. */
export class NativeFunctions implements TileMachine {
  readonly sizes
  readonly #vector: VectorBytes
  readonly #memory: bigint
  readonly #halves: boolean
  readonly #code = new Assembler()
  readonly #entries: number[] = []
  /** The functions by what they compute, in the order of their numbers. */
  readonly #known = new Map<string, { readonly number: number; readonly emit: EmitFunction }>()

  /** `memory`: the address of the module's memory in this process; `halves`: the processor computes wide vectors by halves. */
  constructor(vector: VectorBytes, memory: bigint, halves: boolean) {
    this.#halves = halves
    this.sizes = tileSizes(vector)
    this.#vector = vector
    this.#memory = memory
  }

  rowsBeside(columns: number): number {
    return rowsBeside(vectorFor(this.#vector, columns, this.#halves), columns)
  }

  functionOf(run: TileRun): number {
    return this.#number(JSON.stringify(run), (code, memory) => {
      code.vector = vectorFor(this.#vector, run.columns, this.#halves)
      emitTiles(code, memory, run)
    })
  }

  mapOf(name: LongFunction): number {
    return this.#number(name, (code, memory) => {
      code.vector = this.#vector
      emitMap(code, memory, programOf(name))
    })
  }

  sweepOf(run: SweepRun): number | undefined {
    const emit = sweepEmitter(run, registersOf({ vector: this.#vector }))
    if (emit === undefined) return undefined
    return this.#number(JSON.stringify(run), (code, memory) => {
      code.vector = this.#vector
      emit(code, memory)
    })
  }

  randomOf(run: RandomRun): number {
    return this.#number(JSON.stringify(run), (code, memory) => {
      code.vector = this.#vector
      emitRandom(code, memory, run)
    })
  }

  /** The number of a function, which is written where it is not known yet. */
  #number(key: string, emit: EmitFunction): number {
    const known = this.#known.get(key)
    if (known !== undefined) return known.number
    const number = this.#entries.length
    this.#code.align(64)
    this.#entries.push(this.#code.length)
    emit(this.#code, this.#memory)
    this.#known.set(key, { number, emit })
    return number
  }

  /** The same functions, under the same numbers, for another memory. */
  on(memory: bigint): NativeFunctions {
    const others = new NativeFunctions(this.#vector, memory, this.#halves)
    for (const [key, { emit }] of this.#known) others.#number(key, emit)
    return others
  }

  /** The code of all functions so far. */
  get code(): MachineCode {
    return { bytes: this.#code.toUint8Array(), entries: this.#entries }
  }
}
