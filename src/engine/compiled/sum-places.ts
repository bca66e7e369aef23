import { additionModule } from '../../backend/wasm/addition.ts'
import { sizeOf } from '../../ir/ir.ts'
import { required } from '../../step/step-program.ts'
import type { ByName, StepProgram } from '../../step/step-program.ts'
import { aligned } from './arena.ts'
import type { Arena } from './arena.ts'

/** Bytes that kernels may read beyond an array. */
const READABLE = 64

/** A place begins with a number that tells whether to stop. */
const HEADER = 64

/** The bytes of a place for the shares that a program yields, and the offset of each. */
function layoutOf({ program, shares }: StepProgram): { offsets: ByName<number>; bytes: number } {
  let bytes = HEADER
  const offsets = new Map<string, number>()
  for (const [key, name] of shares) {
    offsets.set(key, bytes)
    bytes = aligned(bytes + 4 * sizeOf(required(program.outputs, name).shape) + READABLE)
  }
  return { offsets, bytes }
}

/** Bytes of a number of places for the shares that a program yields. */
export function sumBytes(part: StepProgram, count: number): number {
  return layoutOf(part).bytes * count
}

/** Places for sums, all laid out alike: parts write to the last one, the total is in the first. */
export class SumPlaces {
  readonly last: number
  readonly #arena: Arena
  readonly #bytes: number
  readonly #start: number
  readonly #offsets: ByName<number>
  readonly #add: (to: number, from: number, bytes: number) => number

  constructor(arena: Arena, part: StepProgram, count: number) {
    const { offsets, bytes } = layoutOf(part)
    this.last = count - 1
    this.#arena = arena
    this.#bytes = bytes
    this.#offsets = offsets
    this.#start = arena.allocate(sumBytes(part, count), 'the sums of the parts of a batch')
    const env = { memory: arena.memory }
    const { add } = new WebAssembly.Instance(new WebAssembly.Module(additionModule()), { env }).exports
    if (add === undefined) throw new Error('the module exports no addition')
    this.#add = add
  }

  /** The addresses in a place, by the names that a program has for what lies there. */
  addressesFor(names: ByName<string>, place: number): Map<string, number> {
    return new Map(
      Array.from(names, ([key, name]) => [name, this.#addressOf(place) + required(this.#offsets, key)]),
    )
  }

  /** The bytes of a place. */
  at(place: number): Uint8Array<ArrayBufferLike> {
    return this.#arena.bytes(this.#addressOf(place), this.#bytes)
  }

  /** Adds the numbers of a place to those of another. */
  add(to: number, from: number): void {
    this.#add(this.#addressOf(to), this.#addressOf(from), this.#bytes)
  }

  /** Moves what a part wrote to another place. */
  moveLast(to: number): void {
    if (to !== this.last) this.at(to).set(this.at(this.last))
  }

  /** Tells whether a part, or any of those that were added, wants this step to be the last. */
  stops(place: number): boolean {
    return (this.#arena.floats(this.#addressOf(place), 1)[0] ?? 0) > 0
  }

  setStops(place: number, stops: boolean): void {
    this.#arena.floats(this.#addressOf(place), 1)[0] = stops ? 1 : 0
  }

  #addressOf(place: number): number {
    return this.#start + place * this.#bytes
  }
}
