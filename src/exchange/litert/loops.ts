import type { Program } from '../../ir/ir.ts'
import type { Graph, GraphNode } from '../../model/graph.ts'
import { forwardOf } from '../forward.ts'

/** The most operations of a layer, of all steps together. */
const MOST_OPERATIONS = 100_000

/** The layers that loop over too many steps to be written step by step. */
export function longLoops(graph: Graph): string[] {
  return graph.nodes
    .filter((node) => loopOperations(forwardOf(alone(node, graph)).program) > MOST_OPERATIONS)
    .map(({ name }) => name)
}

function alone(node: GraphNode, { nodes }: Graph): Graph {
  const { parameters } = nodes.find(({ name }) => name === node.shares) ?? node
  const shapes = new Map(node.inputs.map((name, i) => [name, node.inputShapes[i] ?? []]))
  return {
    inputs: Array.from(shapes, ([name, shape]) => ({ name, shape })),
    nodes: [{ ...node, parameters }],
    outputs: [node.name],
  }
}

function loopOperations({ values }: Program): number {
  return values.reduce(
    (total, value) =>
      value.op === 'scan'
        ? total + value.steps * (value.body.values.length + loopOperations(value.body))
        : total,
    0,
  )
}
