// The config.json of a .keras file: a functional model and what it is compiled with.
import { layers } from '../../components/layers/index.ts'
import { losses } from '../../components/losses/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import type { Shape } from '../../ir/ir.ts'
import { shapeOf } from '../../model/graph.ts'
import type { Graph, GraphNode } from '../../model/graph.ts'
import type { MetricTask, Task } from '../../step/task.ts'
import type { Refuse } from '../format.ts'
import { Float } from './json.ts'
import type { PythonDict, PythonValue } from './json.ts'
import { kerasMetric, kerasObject, objectOf } from './objects.ts'
import type { PlacedLayer } from './order.ts'

/** `placed` are the layers in Keras's order. */
export function kerasModel(
  name: string,
  task: Task,
  placed: readonly PlacedLayer[],
  refuse: Refuse,
): PythonDict {
  const { graph } = task
  const model = objectOf('keras.src.models.functional', 'Functional', {
    name,
    trainable: true,
    layers: placed.map(({ name: layer, node }) =>
      node ? placedLayer(graph, node, refuse) : inputLayer(layer, shapeOf(graph, layer)),
    ),
    input_layers: graph.inputs.map((input) => [input.name, 0, 0]),
    output_layers: graph.outputs.map((output) => [output, 0, 0]),
  })
  return { ...model, compile_config: compileConfig(task, refuse) }
}

function inputLayer(name: string, shape: Shape): PythonDict {
  const config = { batch_shape: [null, ...shape], dtype: 'float32', sparse: false, name }
  return { ...objectOf('keras.layers', 'InputLayer', config), name, inbound_nodes: [] }
}

function placedLayer(graph: Graph, node: GraphNode, refuse: Refuse): PythonDict {
  const { name, inputs, component, parameters } = node
  const { trainable: _trainable, ...rest } = node.config
  const config = parameters.length === 0 ? rest : node.config
  const tensors = inputs.map((input) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, ...shapeOf(graph, input)], dtype: 'float32', keras_history: [input, 0, 0] },
  }))
  const args = component.arity === 'several' ? [tensors] : tensors
  return {
    ...kerasObject(layers, config, (what) => void refuse(`layer ${name}: ${what}`), { name }),
    name,
    inbound_nodes: [{ args, kwargs: {} }],
  }
}

function compileConfig({ outputs, optimizer }: Task, refuse: Refuse): PythonDict {
  const byOutput = (of: (output: (typeof outputs)[number]) => PythonValue): PythonDict =>
    Object.fromEntries(outputs.map((output) => [output.name, of(output)]))
  const metricList = (metrics: readonly MetricTask[], weighted: boolean, output: string): PythonValue =>
    metrics
      .filter((metric) => metric.weighted === weighted)
      .map(({ config, label }) => {
        const own = outputs.length > 1 ? label.slice(output.length + 1) : label
        return kerasMetric(config, own, (what) => void refuse(`metric ${label}: ${what}`))
      })
  return {
    optimizer: kerasObject(optimizers, optimizer, (what) => void refuse(`optimizer: ${what}`)),
    loss: byOutput(({ loss }) => kerasObject(losses, loss, (what) => void refuse(`loss: ${what}`))),
    ...(outputs.length > 1 && { loss_weights: byOutput(({ lossWeight }) => new Float(lossWeight)) }),
    metrics: byOutput(({ name, metrics }) => metricList(metrics, false, name)),
    weighted_metrics: byOutput(({ name, metrics }) => metricList(metrics, true, name)),
  }
}
