import { additionModule } from '../../backend/wasm/addition.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { ParameterPiece } from '../../step/parts.ts'
import { required } from '../../step/step-program.ts'
import type { ByName, StepProgram } from '../../step/step-program.ts'
import { aligned } from './arena.ts'
import type { Arena } from './arena.ts'

/** Bytes that kernels may read beyond an array. */
const READABLE = 64

/** The places of a part's shares in bytes that are laid out alike: the gradients are behind all others. */
export type PlaceLayout = {
  readonly shares: ByName<number>
  readonly gradients: ByName<{ readonly offset: number; readonly size: number }>
  /** The offset of the first gradient. */
  readonly firstGradient: number
  readonly bytes: number
}

function layoutOf({ program, shares, gradientShares }: StepProgram): PlaceLayout {
  let bytes = 0
  const place = (names: ByName<string>): Map<string, { offset: number; size: number }> =>
    new Map(
      Array.from(names, ([key, name]) => {
        const [offset, size] = [bytes, sizeOf(required(program.outputs, name).shape)]
        bytes = aligned(bytes + 4 * size + READABLE)
        return [key, { offset, size }]
      }),
    )
  const common = place(shares)
  const firstGradient = bytes
  const gradients = place(gradientShares)
  return {
    shares: new Map(Array.from(common, ([key, { offset }]) => [key, offset])),
    gradients,
    firstGradient,
    bytes,
  }
}

/** Bytes of a number of places for the shares that a program yields. */
export function sumBytes(part: StepProgram, count: number): number {
  return layoutOf(part).bytes * count
}

/** Numbers of places: parts write to the last of `places`; the total may be in another one behind it. */
type PlaceNumbers = { readonly places: number; readonly total: number }

/** Places for sums, all laid out alike. */
export class SumPlaces {
  readonly layout: PlaceLayout
  readonly last: number
  /** The address of the sums over all parts. */
  readonly total: number
  readonly #arena: Arena
  readonly #start: number
  readonly #add: (to: number, from: number, bytes: number) => number

  constructor(arena: Arena, part: StepProgram, { places, total }: PlaceNumbers) {
    this.layout = layoutOf(part)
    this.last = places - 1
    this.#arena = arena
    const bytes = sumBytes(part, Math.max(places, total + 1))
    this.#start = arena.allocate(bytes, 'the sums of the parts of a batch')
    this.total = this.addressOf(total)
    const env = { memory: arena.memory }
    const { add } = new WebAssembly.Instance(new WebAssembly.Module(additionModule()), { env }).exports
    if (add === undefined) throw new Error('the module exports no addition')
    this.#add = add
  }

  /** The address of a place. */
  addressOf(place: number): number {
    return this.#start + place * this.layout.bytes
  }

  /** The addresses of what a part yields, by the names in its program. */
  addressesOfShares({ shares, gradientShares }: StepProgram): Map<string, number> {
    return this.#addresses(this.addressOf(this.last), { shares, gradients: gradientShares })
  }

  /** The addresses of the totals that a program takes, by the names in it; of gradients it may take pieces. */
  addressesOfTotals(
    { sums, gradients }: StepProgram,
    pieces: readonly ParameterPiece[] = [],
  ): Map<string, number> {
    const addresses = this.#addresses(this.total, { shares: sums, gradients })
    for (const { parameter, from } of pieces) {
      const name = required(gradients, parameter)
      addresses.set(name, required(addresses, name) + 4 * from)
    }
    return addresses
  }

  #addresses(
    start: number,
    names: { readonly shares: ByName<string>; readonly gradients: ByName<string> },
  ): Map<string, number> {
    const { shares, gradients } = this.layout
    return new Map([
      ...Array.from(names.shares, ([key, name]): [string, number] => [name, start + required(shares, key)]),
      ...Array.from(names.gradients, ([key, name]): [string, number] => [
        name,
        start + required(gradients, key).offset,
      ]),
    ])
  }

  /** Adds the numbers of a place to those of another. */
  add(to: number, from: number): void {
    this.addBytes(this.addressOf(to), this.addressOf(from), this.layout.bytes)
  }

  /** Adds the numbers at an address to those at another. */
  addBytes(to: number, from: number, bytes: number): void {
    this.#add(to, from, bytes)
  }

  /** Leaves zeros where parts write. */
  clearLast(): void {
    this.#at(this.last).fill(0)
  }

  /** Moves what a part wrote to another place. */
  moveLast(to: number): void {
    if (to !== this.last) this.#at(to).set(this.#at(this.last))
  }

  #at(place: number): Uint8Array<ArrayBufferLike> {
    return this.#arena.bytes(this.addressOf(place), this.layout.bytes)
  }
}
