// The binary tree in which the shares of parts are added. It is given by the number of parts alone; who adds which of its
// nodes does not change the sums.

/** Parts `first` up to `end`, whose shares a node of the tree adds. */
export type TreeNode = { readonly first: number; readonly end: number }

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
 * The number of places for sums: node i is added in place i with the help of those behind it, and the last place is free
 * when all are.
 */
export function placesFor(nodes: readonly TreeNode[]): number {
  return Math.max(nodes.length, ...nodes.map((node, i) => i + depthOf(node))) + 1
}

function depthOf(node: TreeNode): number {
  if (isLeaf(node)) return 0
  const [left, right] = childrenOf(node)
  return Math.max(depthOf(left), 1 + depthOf(right))
}
