import { losses } from '../components/losses/index.ts'
import { UsageError } from '../errors.ts'
import { shapeOf } from '../model/graph.ts'
import { whichOf } from '../model/links.ts'
import { subgraph } from '../model/subgraph.ts'
import type { OutputState } from '../runtime/preprocessing.ts'
import { outputTasks } from '../step/task.ts'
import type { OpenedModel } from './model.ts'

/** The part of a model that one of its layers depends on, whose numbers it predicts as they are. */
export function upToLayer(model: OpenedModel, name: string): OpenedModel {
  const { task, preprocessing } = model
  const names = task.graph.nodes.map((node) => node.name)
  if (!names.includes(name))
    throw new UsageError(`the model has no layer "${name}"`, {
      option: 'outputLayer',
      hint: whichOf(name, names),
    })
  const graph = subgraph(task.graph, [name])
  const output: OutputState = {
    kind: 'numbers',
    name,
    shape: [...shapeOf(graph, name)],
    columns: [],
    scalings: [],
  }
  // Nothing is compared with what a layer yields.
  const compile = { loss: losses.ref().parse('mean_squared_error'), metrics: [], weighted_metrics: [] }
  return {
    ...model,
    graph,
    task: { ...task, graph, outputs: outputTasks(graph, compile, [output]) },
    preprocessing: {
      ...preprocessing,
      inputs: preprocessing.inputs.filter((input) => graph.inputs.some((one) => one.name === input.name)),
      outputs: [output],
    },
  }
}
