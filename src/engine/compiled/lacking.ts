import { lacking } from '../../backend/wasm/kernels/anchor.ts'
import type { Program } from '../../ir/ir.ts'
import type { Graph } from '../../model/graph.ts'
import { buildForward } from '../../step/forward.ts'
import { StepBuilder } from '../../step/step-program.ts'
import { buildStep } from '../../step/step.ts'
import type { Task } from '../../step/task.ts'

/** Operations of a forward pass that take several seconds to compile: about an LSTM of 150 steps. */
const MOST_OPERATIONS = 4000

/** The reason why a model cannot be compiled, which names the layer; undefined where it can. */
export function lackingLayer(task: Task): string | undefined {
  if (whyNot(buildStep(task, 1, 'train').program) === undefined) return undefined
  for (const [i, node] of task.graph.nodes.entries()) {
    const why = whyNot(
      forwardOf({ ...task.graph, nodes: task.graph.nodes.slice(0, i + 1), outputs: [node.name] }),
    )
    if (why !== undefined)
      return `the layer ${node.name} (${node.component.type}) is not compiled yet: ${why}`
  }
  return 'the losses and metrics are not compiled yet'
}

function whyNot(program: Program): string | undefined {
  const { length } = program.values
  if (length > MOST_OPERATIONS)
    return `the network up to it takes ${length} operations, which is too long to compile`
  return lacking(program)
}

function forwardOf(graph: Graph): Program {
  const step = new StepBuilder()
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const { outputs } = buildForward(step.b, graph, {
    inputs: new Map(graph.inputs.map(({ name, shape }) => [name, step.input('inputs', name, [1, ...shape])])),
    parameters: new Map(parameters.map(({ id, shape }) => [id, step.input('parameters', id, shape)])),
    training: true,
    counter: step.single('counter', 'i32'),
  })
  return step.b.program(outputs)
}
