import { Builder } from '../ir/builder.ts'
import type { Program } from '../ir/ir.ts'
import type { Graph } from '../model/graph.ts'
import { buildForward } from '../step/forward.ts'

/** The forward pass of a graph for one row, and the names of its outputs whose steps may be masked. */
export function forwardOf(graph: Graph): { readonly program: Program; readonly masked: ReadonlySet<string> } {
  const b = new Builder()
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const { outputs, masks } = buildForward(b, graph, {
    inputs: new Map(graph.inputs.map(({ name, shape }) => [name, b.input(`input ${name}`, [1, ...shape])])),
    parameters: new Map(parameters.map(({ id, shape }) => [id, b.input(id, shape)])),
    training: false,
    counter: b.input('counter', [], 'i32'),
  })
  return { program: b.program(outputs), masked: new Set(masks.keys()) }
}
