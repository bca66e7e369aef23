import type { Ranks } from '../ranks.ts'
import { nodesOf, placeOf, placesFor } from './sum-tree.ts'
import type { TreeNode } from './sum-tree.ts'

/** The parts of each batch, and who computes them. */
export class Sharing {
  readonly parts: number
  readonly ranks: Ranks | undefined
  /** The nodes of the tree that this rank adds alone. */
  readonly nodes: readonly TreeNode[]

  constructor(parts: number, ranks?: Ranks) {
    this.parts = parts
    this.ranks = ranks
    this.nodes = this.nodesOf(ranks?.rank ?? 0)
  }

  get root(): TreeNode {
    return { first: 0, end: this.parts }
  }

  /** Number of places for sums. */
  get places(): number {
    return placesFor(this.nodes)
  }

  /** The place of the sums over all parts: that of the first node, of which other ranks than its own receive the sums. */
  get total(): number {
    const { nodes, places } = this
    return nodes[0]?.first === 0 ? placeOf(0, nodes, places) : places
  }

  /** The nodes of the tree that a rank adds alone. */
  nodesOf(rank: number): TreeNode[] {
    return nodesOf(rank, this.root, (part) => this.ranks?.ownerOf(part, this.parts) ?? 0)
  }
}
