import type { LongFunction } from '../plan/element-program.ts'
import type { RandomRun, SweepRun, TileMachine, TileRun } from '../plan/tile-machine.ts'
import { Assembler } from './assembler.ts'
import { emitMap } from './map.ts'
import { programOf } from './math.ts'
import type { Processor } from './processor.ts'
import { emitRandom } from './random.ts'
import { sweepEmitter } from './sweep.ts'
import { registersOf } from './vector-code.ts'
import { emitTiles, rowsBeside, tileSizes, vectorFor } from './tiles.ts'
import { emitWindowsEntry } from './windows-entry.ts'

/** Machine code to be made executable, and where each of its functions (i32, i32, i32, i32) begins. */
export type MachineCode = { readonly bytes: Uint8Array; readonly entries: readonly number[] }

type EmitFunction = (code: Assembler, memory: bigint) => void

/** Collects the functions that one module calls, each kind of tile once. */
export class NativeFunctions implements TileMachine {
  readonly sizes
  readonly #processor: Processor
  readonly #memory: bigint
  readonly #code = new Assembler()
  readonly #entries: number[] = []
  /** The functions by what they compute, in the order of their numbers. */
  readonly #known = new Map<string, { readonly number: number; readonly emit: EmitFunction }>()

  /** `memory`: the address of the module's memory in this process. */
  constructor(processor: Processor, memory: bigint) {
    this.sizes = tileSizes(processor.vector)
    this.#processor = processor
    this.#memory = memory
  }

  rowsBeside(columns: number): number {
    return rowsBeside(vectorFor(this.#processor, columns), columns)
  }

  functionOf(run: TileRun): number {
    return this.#number(JSON.stringify(run), (code, memory) => {
      code.vector = vectorFor(this.#processor, run.columns)
      emitTiles(code, memory, run)
    })
  }

  mapOf(name: LongFunction): number {
    return this.#number(name, (code, memory) => {
      code.vector = this.#processor.vector
      emitMap(code, memory, programOf(name))
    })
  }

  sweepOf(run: SweepRun): number | undefined {
    const emit = sweepEmitter(run, registersOf(this.#processor))
    if (emit === undefined) return undefined
    return this.#number(JSON.stringify(run), (code, memory) => {
      code.vector = this.#processor.vector
      emit(code, memory)
    })
  }

  randomOf(run: RandomRun): number {
    return this.#number(JSON.stringify(run), (code, memory) => {
      code.vector = this.#processor.vector
      emitRandom(code, memory, run)
    })
  }

  /** The number of a function, which is written where it is not known yet. */
  #number(key: string, emit: EmitFunction): number {
    const known = this.#known.get(key)
    if (known !== undefined) return known.number
    const number = this.#entries.length
    this.#entries.push(this.#write(emit))
    this.#known.set(key, { number, emit })
    return number
  }

  /** Writes a function; returns where it begins. */
  #write(emit: EmitFunction): number {
    const code = this.#code
    code.align(64)
    const start = code.label()
    emit(code, this.#memory)
    if (!this.#processor.windows) return start
    code.align(64)
    const entry = code.label()
    emitWindowsEntry(code, start)
    return entry
  }

  /** The same functions, under the same numbers, for another memory. */
  on(memory: bigint): NativeFunctions {
    const others = new NativeFunctions(this.#processor, memory)
    for (const [key, { emit }] of this.#known) others.#number(key, emit)
    return others
  }

  /** The code of all functions so far. */
  get code(): MachineCode {
    return { bytes: this.#code.toUint8Array(), entries: this.#entries }
  }
}
