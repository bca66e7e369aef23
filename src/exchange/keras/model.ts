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
import type { KerasLayer, KerasModel } from './order.ts'

export function kerasModel(name: string, task: Task, model: KerasModel, refuse: Refuse): PythonDict {
  return {
    ...functional(name, task.graph, model, refuse),
    compile_config: compileConfig(task, model, refuse),
  }
}

/** A model, or one inside another, as Keras has it. */
export function functional(
  name: string,
  graph: Graph,
  model: KerasModel,
  refuse: Refuse,
  inside?: GraphNode,
): PythonDict {
  const inputs = [...model.inputs.keys()].map((input) => [input, 0, 0])
  const outputs = model.outputs.map((output) => {
    const { layer, call, tensor } = model.tensorOf(output)
    // Keras counts from 1 where a model of its own yields an output.
    const isModel = model.layers.some((one) => one.name === layer && one.model)
    return [layer, isModel ? call + 1 : call, tensor]
  })
  return objectOf('keras.src.models.functional', 'Functional', {
    name,
    trainable: inside?.config['trainable'] !== false,
    layers: model.layers.map((layer) =>
      layer.node
        ? placedLayer(graph, model, layer, layer.node, refuse)
        : inputLayer(layer.name, shapeOf(graph, model.inGraph(layer.name))),
    ),
    // Another layer takes a tensor, not a list of one.
    input_layers: inside && inputs.length === 1 ? (inputs[0] ?? []) : inputs,
    output_layers: inside && outputs.length === 1 ? (outputs[0] ?? []) : outputs,
  })
}

function inputLayer(name: string, shape: Shape): PythonDict {
  const config = { batch_shape: [null, ...shape], dtype: 'float32', sparse: false, name }
  return { ...objectOf('keras.layers', 'InputLayer', config), name, inbound_nodes: [] }
}

function placedLayer(
  graph: Graph,
  model: KerasModel,
  { name, calls, model: inner }: KerasLayer,
  node: GraphNode,
  refuse: Refuse,
): PythonDict {
  const refuseLayer: Refuse = (what) => void refuse(`layer ${node.name}: ${what}`)
  if (node.shares !== undefined)
    refuseLayer(`shares the weights of ${node.shares}, which is inside another model`)
  const { trainable: _trainable, ...rest } = node.config
  const config = node.parameters.length === 0 ? rest : node.config
  const object = inner
    ? functional(name, graph, inner, refuse, node)
    : kerasObject(layers, config, refuseLayer, { name })
  return { ...object, name, inbound_nodes: calls.map((call) => inboundNode(graph, model, call)) }
}

function inboundNode(graph: Graph, model: KerasModel, { from, component }: GraphNode): PythonDict {
  const tensors = from.map((name) => {
    const { layer, call, tensor } = model.tensorOf(name)
    const shape = [null, ...shapeOf(graph, model.inGraph(name))]
    return {
      class_name: '__keras_tensor__',
      config: { shape, dtype: 'float32', keras_history: [layer, call, tensor] },
    }
  })
  const args = component.arity === 'several' || tensors.length > 1 ? [tensors] : tensors
  return { args, kwargs: {} }
}

function compileConfig({ outputs, optimizer }: Task, model: KerasModel, refuse: Refuse): PythonDict {
  // Keras names an output after its layer, which may yield several.
  const names = outputs.map(({ name }) => model.tensorOf(name).layer)
  const isNamed = new Set(names).size === names.length
  const byOutput = (of: (output: (typeof outputs)[number]) => PythonValue): PythonValue =>
    isNamed
      ? Object.fromEntries(outputs.map((output, i) => [names[i] ?? output.name, of(output)]))
      : outputs.map(of)
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
