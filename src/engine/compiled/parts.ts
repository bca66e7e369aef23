// Steps in parts: the shares of the parts of a batch are added in a tree, then one update takes the sums.

import { partsOf } from '../../step/parts.ts'
import type { BatchPart } from '../../step/parts.ts'
import type { Arena } from './arena.ts'
import type { ReadyProgram } from './ready-program.ts'
import type { Reduction } from './reduction.ts'
import type { Sharing } from './sharing.ts'
import type { SlicedState } from './slices.ts'
import type { SumPlaces } from './sum-places.ts'
import { childrenOf, isLeaf, placeOf } from './sum-tree.ts'
import type { TreeNode } from './sum-tree.ts'

/** Sums over the parts of a batch. */
export type PartsSum = {
  readonly places: SumPlaces
  /** The program of a part, by its rows. */
  readonly programs: ReadonlyMap<number, ReadyProgram>
  /** Adds up what other ranks have. */
  readonly reduction: Reduction | undefined
}

type PartsSpec = {
  readonly batch: number
  readonly sharing: Sharing
  readonly arena: Arena
  /** Sums, added up one after the other. */
  readonly sums: readonly PartsSum[]
  readonly update: ReadyProgram
  /** The weights of which each rank updates its slice; undefined where every rank updates all. */
  readonly sliced: SlicedState | undefined
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
    const { sums, update, sliced, pointers } = this.#spec
    const starts = pointers.map((pointer) => this.#integer(pointer)[0] ?? 0)
    let step = first
    do {
      for (const sum of sums) await this.#total(sum, step, starts)
      await update.run(0, 1)
      await sliced?.shareWeights()
      step++
    } while (step < last && Number.isFinite(this.#lossNow()))
    this.#point(starts, 0)
    return step - first
  }

  /** Leaves the sum of all parts of a step in the place of the total, or this rank's slice of it. */
  async #total(sum: PartsSum, step: number, starts: readonly number[]): Promise<void> {
    const { batch, sharing, sliced } = this.#spec
    const { nodes, places } = sharing
    for (const [i, node] of nodes.entries()) {
      await addUp(node, placeOf(i, nodes, places), sum.places, async (part) => {
        const { from, end } = this.#rows[part] ?? { from: 0, end: 0 }
        this.#point(starts, step * batch + from)
        await this.#runPart(sum, part, end - from)
      })
    }
    await sum.reduction?.reduce()
    if (sliced === undefined) await sum.reduction?.gather()
  }

  /** Leaves the shares of a part where parts write. */
  async #runPart({ places, programs }: PartsSum, part: number, rows: number): Promise<void> {
    const { sharing, counters } = this.#spec
    const [steps = 0] = this.#integer(counters.steps)
    this.#integer(counters.parts)[0] = steps * sharing.parts + part
    const program = programs.get(rows)
    if (program) await program.run(0, 1)
    else places.clearLast()
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
  runPart: (part: number) => Promise<void>,
): Promise<void> {
  if (isLeaf(node)) {
    await runPart(node.first)
    places.moveLast(place)
    return
  }
  const [left, right] = childrenOf(node)
  await addUp(left, place, places, runPart)
  const behind = isLeaf(right) ? places.last : place + 1
  await addUp(right, behind, places, runPart)
  places.add(place, behind)
}
