import type { Graph, GraphNode } from '../../model/graph.ts'
import { buildStep } from '../../step/step.ts'
import { required } from '../../step/step-program.ts'
import type { ModelToExport } from '../format.ts'
import { BATCHES } from '../batch.ts'
import { forwardOf } from '../forward.ts'
import type { GraphWriter } from './graph.ts'
import { writeProgram } from './program.ts'
import { recurrentLayer } from './recurrent.ts'
import type { WriteLayer } from './recurrent.ts'

/**
 * Writes the network into a graph; `inputs` are the tensors of its inputs, float32 rows. Returns the tensors of its outputs.
 * Layers that ONNX has an operator for are inputs of the program of all others, which makes what they take.
 */
export function writeNetwork(
  graph: GraphWriter,
  { task, weights }: Pick<ModelToExport, 'task' | 'weights'>,
  inputs: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const layers = operatorLayers(task.graph, (node) => recurrentLayer(node, weights))
  const rest = { ...task, graph: withoutLayers(task.graph, [...layers.keys()]) }
  const [step, other] = BATCHES.map((batch) => buildStep(rest, batch, 'predict'))
  if (step === undefined || other === undefined) throw new Error('two batches are compared')
  const given = new Map<string, string | { output: string; write: WriteLayer }>()
  for (const [name, tensor] of inputs) given.set(required(step.inputs, name), tensor)
  for (const [node, write] of layers) {
    const output = required(step.outputs, node.inputs[0] ?? '')
    given.set(required(step.inputs, node.name), { output, write })
  }
  for (const { id, shape } of rest.graph.nodes.flatMap((node) => node.parameters)) {
    given.set(required(step.parameters, id), graph.initializer(id, shape, required(weights, id)))
  }
  const [batched = ''] = inputs.values()
  const written = writeProgram({ graph, given }, [step.program, other.program], batched)
  return new Map(task.graph.outputs.map((name) => [name, required(written, required(step.outputs, name))]))
}

/** The layers of one unmasked input that have an operator. */
function operatorLayers(
  graph: Graph,
  operatorOf: (node: GraphNode) => WriteLayer | undefined,
): Map<GraphNode, WriteLayer> {
  const { masked } = forwardOf({ ...graph, outputs: graph.nodes.flatMap(({ inputs }) => inputs) })
  const layers = new Map<GraphNode, WriteLayer>()
  for (const node of graph.nodes) {
    const write = masked.has(node.inputs[0] ?? '') ? undefined : operatorOf(node)
    if (write) layers.set(node, write)
  }
  return layers
}

/** The graph with some layers as inputs, and what these take as outputs. */
function withoutLayers(graph: Graph, layers: readonly GraphNode[]): Graph {
  const left = new Set(layers)
  return {
    inputs: [...graph.inputs, ...layers.map(({ name, shape }) => ({ name, shape }))],
    nodes: graph.nodes.filter((node) => !left.has(node)),
    outputs: [...new Set([...graph.outputs, ...layers.flatMap(({ inputs }) => inputs)])],
  }
}
