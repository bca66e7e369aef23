// Ranks share an update: each has a slice of the gradients and updates the numbers of the weights that belong to it.

import type { ParameterPiece } from '../../step/parts.ts'
import type { MessageBytes, Ranks } from '../ranks.ts'
import { aligned } from './arena.ts'
import type { Arena } from './arena.ts'
import type { ModelState, StateRange } from './state.ts'
import type { PlaceLayout } from './sum-places.ts'

/** Bytes `from` up to `end` of a place, and the numbers of parameters whose gradients lie there. */
export type Slice = {
  readonly from: number
  readonly end: number
  readonly pieces: readonly ParameterPiece[]
}

/** Cuts the gradients of a place into slices, one a rank. */
export function slicesOf({ gradients, firstGradient, bytes }: PlaceLayout, ranks: number): Slice[] {
  const bound = (rank: number): number =>
    Math.min(bytes, firstGradient + aligned(((bytes - firstGradient) * rank) / ranks))
  return Array.from({ length: ranks }, (_, rank) => {
    const [from, end] = [bound(rank), bound(rank + 1)]
    const pieces = Array.from(gradients, ([parameter, { offset, size }]): ParameterPiece => {
      const first = Math.max(0, (from - offset) / 4)
      return { parameter, from: first, size: Math.min(size, (end - offset) / 4) - first }
    })
    return { from, end, pieces: pieces.filter(({ size }) => size > 0) }
  })
}

/** Ranges of what is kept that lie this close are sent as one: what is between them is the same on all ranks. */
const NEAR = 4096

/** The state that ranks share out by slices. */
export class SlicedState {
  /** The pieces that this rank updates. */
  readonly own: readonly ParameterPiece[]
  readonly #ranks: Ranks
  readonly #weights: readonly (readonly MessageBytes[])[]
  readonly #slots: readonly (readonly MessageBytes[])[]

  constructor(arena: Arena, state: ModelState, slices: readonly Slice[], ranks: Ranks) {
    const bytesOf = (ranges: readonly StateRange[]): MessageBytes[] =>
      ranges.map(({ address, bytes }) => arena.bytes(address, bytes))
    this.own = slices[ranks.rank]?.pieces ?? []
    this.#ranks = ranks
    this.#weights = slices.map(({ pieces }) => bytesOf(joined([...state.weightRanges(pieces).values()])))
    this.#slots = slices.map(({ pieces }) => bytesOf([...state.slotRanges(pieces).values()]))
  }

  /** Gives all ranks the new weights of each. */
  shareWeights(): Promise<void> {
    return this.#ranks.gather(this.#weights)
  }

  /** Gives all ranks the slots of each, which an update does not need. */
  shareSlots(): Promise<void> {
    return this.#ranks.gather(this.#slots)
  }
}

/** Ranges as fewer larger ones. */
function joined(ranges: readonly StateRange[]): StateRange[] {
  const found: StateRange[] = []
  for (const range of ranges) {
    const last = found.at(-1)
    const gap = last ? range.address - last.address - last.bytes : Infinity
    if (last && gap >= 0 && gap <= NEAR)
      found[found.length - 1] = { address: last.address, bytes: last.bytes + gap + range.bytes }
    else found.push(range)
  }
  return found
}
