// Steps in parts: the shares of the parts of a batch are added in a tree, then one update takes the sums.

import { partsOf } from '../../step/parts.ts'
import type { BatchPart } from '../../step/parts.ts'
import type { Ranks } from '../ranks.ts'
import type { Arena } from './arena.ts'
import type { ReadyProgram } from './ready-program.ts'
import type { SumPlaces } from './sum-places.ts'
import { childrenOf, isLeaf, nodesOf, placesFor } from './sum-tree.ts'
import type { Owner, TreeNode } from './sum-tree.ts'

/** The parts of each batch, and who computes them. */
export class Sharing {
  readonly parts: number
  readonly ranks: Ranks | undefined
  readonly rank: number
  readonly owner: Owner
  /** The nodes of the tree that this rank adds alone. */
  readonly nodes: readonly TreeNode[]

  constructor(parts: number, ranks?: Ranks) {
    this.parts = parts
    this.ranks = ranks
    this.rank = ranks?.rank ?? 0
    this.owner = (part) => ranks?.ownerOf(part, parts) ?? 0
    this.nodes = nodesOf(this.rank, this.root, this.owner)
  }

  get root(): TreeNode {
    return { first: 0, end: this.parts }
  }

  /** Number of places for sums. */
  get places(): number {
    return placesFor(this.nodes)
  }
}

/** Sums over the parts of a batch. */
export type PartsSum = {
  readonly places: SumPlaces
  /** The program of a part, by its rows. */
  readonly programs: ReadonlyMap<number, ReadyProgram>
}

type PartsSpec = {
  readonly batch: number
  readonly sharing: Sharing
  readonly arena: Arena
  /** Sums, added up one after the other. */
  readonly sums: readonly PartsSum[]
  readonly update: ReadyProgram
  /** Addresses of the i32 of the steps done, and of that which the random streams of parts count with. */
  readonly counters: { readonly steps: number; readonly parts: number }
  /** Addresses of the pointers to what is read row by row. */
  readonly pointers: readonly number[]
}

/** Steps on batches that are cut into parts. */
export class StepsInParts implements ReadyProgram {
  readonly batch: number
  readonly loss: number | undefined
  readonly #spec: PartsSpec
  readonly #rows: readonly BatchPart[]

  constructor(spec: PartsSpec) {
    this.batch = spec.batch
    this.loss = spec.update.loss
    this.#spec = spec
    this.#rows = partsOf(spec.batch, spec.sharing.parts)
  }

  async run(first: number, last: number): Promise<number> {
    const { sums, sharing, update, pointers } = this.#spec
    const starts = pointers.map((pointer) => this.#integer(pointer)[0] ?? 0)
    let step = first
    let ends = false
    while (step < last && !ends) {
      for (const sum of sums) await this.#total(sum, step, starts)
      await update.run(0, 1)
      step++
      const stops = sums.some(({ places }) => places.stops(0))
      if (stops) sharing.ranks?.stop()
      ends = stops || !Number.isFinite(this.#lossNow())
    }
    this.#point(starts, 0)
    return step - first
  }

  /** Leaves the sum of all parts of a step in the first place, on every rank. */
  async #total(sum: PartsSum, step: number, starts: readonly number[]): Promise<void> {
    const { batch, sharing } = this.#spec
    const { nodes, ranks } = sharing
    for (const [place, node] of nodes.entries()) {
      await addUp(node, place, sum.places, async (part, to) => {
        const { from, end } = this.#rows[part] ?? { from: 0, end: 0 }
        this.#point(starts, step * batch + from)
        await this.#runPart(sum, part, end - from, to)
      })
    }
    if (ranks === undefined) return
    await gather(sharing.root, sum.places, sharing)
    await ranks.broadcast(sum.places.at(0))
  }

  /** Leaves the shares of a part in a place. */
  async #runPart({ places, programs }: PartsSum, part: number, rows: number, place: number): Promise<void> {
    const { sharing, counters } = this.#spec
    const { last } = places
    const [steps = 0] = this.#integer(counters.steps)
    this.#integer(counters.parts)[0] = steps * sharing.parts + part
    const program = programs.get(rows)
    if (program) await program.run(0, 1)
    else places.at(last).fill(0)
    places.setStops(last, sharing.ranks?.wantsStop ?? false)
    places.moveLast(place)
  }

  #point(starts: readonly number[], row: number): void {
    for (const [i, pointer] of this.#spec.pointers.entries()) {
      this.#integer(pointer)[0] = (starts[i] ?? 0) + 4 * row
    }
  }

  #integer(address: number): Int32Array {
    return this.#spec.arena.integers(address, 1)
  }

  #lossNow(): number {
    const { arena, update } = this.#spec
    return update.loss === undefined ? NaN : (arena.floats(update.loss, 1)[0] ?? NaN)
  }
}

/** Leaves the sum of a node in a place, and uses the places behind it. */
async function addUp(
  node: TreeNode,
  place: number,
  places: SumPlaces,
  runPart: (part: number, place: number) => Promise<void>,
): Promise<void> {
  if (isLeaf(node)) return runPart(node.first, place)
  const [left, right] = childrenOf(node)
  await addUp(left, place, places, runPart)
  await addUp(right, place + 1, places, runPart)
  places.add(place, place + 1)
}

/**
 * Adds up the nodes of all ranks: the owner of a node's first part gets the sum; of the place that it is in, the number is
 * returned. Every rank goes through the tree in the same order, so that none waits for another that waits for it.
 */
async function gather(node: TreeNode, places: SumPlaces, sharing: Sharing): Promise<number | undefined> {
  const { owner, rank, nodes, ranks } = sharing
  const own = nodes.findIndex(({ first, end }) => first === node.first && end === node.end)
  if (own >= 0) return own
  if (rank < owner(node.first) || rank > owner(node.end - 1)) return undefined
  const [left, right] = childrenOf(node)
  const to = await gather(left, places, sharing)
  const from = await gather(right, places, sharing)
  if (to === undefined) {
    if (from !== undefined) await ranks?.send(places.at(from), owner(left.first))
    return undefined
  }
  if (from === undefined) await ranks?.receive(places.at(places.last), owner(right.first))
  places.add(to, from ?? places.last)
  return to
}
