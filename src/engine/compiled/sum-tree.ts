// The binary tree in which the shares of parts are added. It is given by the number of parts alone; who adds which of its
// nodes does not change the sums.

/** Parts `first` up to `end`, whose shares a node of the tree adds. */
export type TreeNode = { readonly first: number; readonly end: number }

/** Tells nodes of one tree apart. */
export function keyOf({ first, end }: TreeNode): string {
  return `${first}-${end}`
}

/** The rank that computes a part; ranks have consecutive parts. */
export type Owner = (part: number) => number

export function isLeaf({ first, end }: TreeNode): boolean {
  return end - first === 1
}

/** The children of a node: the left one is the largest whole binary tree. */
export function childrenOf({ first, end }: TreeNode): [left: TreeNode, right: TreeNode] {
  const middle = first + 2 ** (Math.ceil(Math.log2(end - first)) - 1)
  return [
    { first, end: middle },
    { first: middle, end },
  ]
}

/** The largest nodes all of whose parts a rank has, from the left to the right. */
export function nodesOf(rank: number, node: TreeNode, owner: Owner): TreeNode[] {
  const [from, to] = [owner(node.first), owner(node.end - 1)]
  if (rank < from || rank > to) return []
  if (from === to) return [node]
  return childrenOf(node).flatMap((child) => nodesOf(rank, child, owner))
}

/**
 * The number of places for sums: node i is added in place i with the help of those behind it, and parts write to the last
 * one, in which a node of one part is where no other follows.
 */
export function placesFor(nodes: readonly TreeNode[]): number {
  const needed = nodes.map((node, i) => (isWritten(nodes, i) ? i + 1 : i + helpersOf(node) + 2))
  return Math.max(...needed)
}

/** The place of a node's sum, where there are `places` of them. */
export function placeOf(i: number, nodes: readonly TreeNode[], places: number): number {
  return isWritten(nodes, i) ? places - 1 : i
}

/** Tells the sum that is what the last part writes. */
function isWritten(nodes: readonly TreeNode[], i: number): boolean {
  const node = nodes[i]
  return node !== undefined && i === nodes.length - 1 && isLeaf(node)
}

/** Number of places behind its own that a node is added with, besides that which parts write to. */
function helpersOf(node: TreeNode): number {
  if (isLeaf(node)) return 0
  const [left, right] = childrenOf(node)
  return Math.max(helpersOf(left), isLeaf(right) ? 0 : 1 + helpersOf(right))
}
