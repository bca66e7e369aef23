// Sums over the parts of all ranks. A rank adds its slice of the gradients of all nodes of the tree; what lies before the
// gradients is little, and every rank adds all of it.

import type { RankMessage, MessageBytes, Ranks } from '../ranks.ts'
import type { Arena } from './arena.ts'
import type { Sharing } from './sharing.ts'
import type { Slice } from './slices.ts'
import type { SumPlaces } from './sum-places.ts'
import { childrenOf, keyOf, placeOf } from './sum-tree.ts'
import type { TreeNode } from './sum-tree.ts'

/** The addresses of a node's shares and of this rank's slice of its gradients. */
type NodeSum = { readonly shares: number; readonly slice: number }

export class Reduction {
  readonly #ranks: Ranks
  readonly #places: SumPlaces
  /** Bytes of the shares, and of this rank's slice. */
  readonly #bytes: NodeSum
  readonly #sent: readonly RankMessage[]
  readonly #received: readonly RankMessage[]
  readonly #additions: readonly (readonly [to: NodeSum, from: NodeSum])[]
  readonly #slices: readonly MessageBytes[]

  constructor(arena: Arena, places: SumPlaces, sharing: Sharing, slices: readonly Slice[], ranks: Ranks) {
    const { total, layout } = places
    const { nodes } = sharing
    const bytesOf = ({ from, end }: Slice): number => end - from
    const own = slices[ranks.rank] ?? { from: 0, end: 0, pieces: [] }
    const bytes = { shares: layout.firstGradient, slice: bytesOf(own) }
    const sums = new Map<string, NodeSum>()
    const messages = (rank: number, at: NodeSum, slice: number): RankMessage[] => [
      { rank, bytes: arena.bytes(at.shares, bytes.shares) },
      { rank, bytes: arena.bytes(at.slice, slice) },
    ]
    const starts = nodes.map((_, i) => places.addressOf(placeOf(i, nodes, sharing.places)))
    for (const [i, node] of nodes.entries()) {
      const start = starts[i] ?? 0
      sums.set(keyOf(node), { shares: start, slice: start + own.from })
    }
    this.#sent = ranks.others.flatMap((rank) => {
      const slice = slices[rank] ?? own
      return starts.flatMap((start) =>
        messages(rank, { shares: start, slice: start + slice.from }, bytesOf(slice)),
      )
    })
    this.#received = ranks.others.flatMap((rank) =>
      sharing.nodesOf(rank).flatMap((node) => {
        const start = arena.allocate(bytes.shares + bytes.slice, 'the sums of other ranks')
        // The sums end where those of the first node are.
        const sum =
          node.first === 0
            ? { shares: total, slice: total + own.from }
            : { shares: start, slice: start + bytes.shares }
        sums.set(keyOf(node), sum)
        return messages(rank, sum, bytes.slice)
      }),
    )
    this.#ranks = ranks
    this.#places = places
    this.#bytes = bytes
    this.#additions = additionsOf(sharing.root, sums)
    this.#slices = slices.map((slice) => arena.bytes(total + slice.from, bytesOf(slice)))
  }

  /** Leaves the sums of the shares and of this rank's slice of the gradients in the place of the total. */
  async reduce(): Promise<void> {
    await this.#ranks.exchange(this.#sent, this.#received)
    for (const [to, from] of this.#additions) {
      this.#places.addBytes(to.shares, from.shares, this.#bytes.shares)
      this.#places.addBytes(to.slice, from.slice, this.#bytes.slice)
    }
  }

  /** Gives all ranks the slices of each. */
  gather(): Promise<void> {
    return this.#ranks.gather(this.#slices.map((slice) => [slice]))
  }
}

/** The additions that make the sum of a node of those of some below it, in the order of the tree. */
function additionsOf(
  node: TreeNode,
  sums: ReadonlyMap<string, NodeSum>,
): (readonly [to: NodeSum, from: NodeSum])[] {
  if (sums.has(keyOf(node))) return []
  const [left, right] = childrenOf(node)
  const [to, from] = [firstOf(left, sums), firstOf(right, sums)]
  return [...additionsOf(left, sums), ...additionsOf(right, sums), [to, from]]
}

/** The leftmost known sum at or below a node, to which the others are added. */
function firstOf(node: TreeNode, sums: ReadonlyMap<string, NodeSum>): NodeSum {
  return sums.get(keyOf(node)) ?? firstOf(childrenOf(node)[0], sums)
}
