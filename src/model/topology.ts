import type { Shape } from '../compiler/ir.ts'
import type { KerasConfig, KerasTensor, KerasValue, Topology } from '../components/layers/topology.ts'
import type { Graph } from './graph.ts'

/** A weight of a TensorFlow.js model and the parameter whose values it holds. */
export type TopologyWeight = { readonly name: string; readonly parameter: string; readonly shape: Shape }

export type ModelTopology = {
  /** The `modelTopology` of a model.json. */
  readonly topology: KerasConfig
  /** In the order of the weights file. */
  readonly weights: readonly TopologyWeight[]
  /** What plain TensorFlow.js lacks: such a model loads in nnlab only. */
  readonly unsupported: readonly string[]
}

/** A graph as a functional TensorFlow.js model: plain data. */
export function modelTopology(graph: Graph, name: string): ModelTopology {
  const layers: KerasValue[] = graph.inputs.map((input) => ({
    name: input.name,
    class_name: 'InputLayer',
    config: { batch_input_shape: [null, ...input.shape], dtype: 'float32', sparse: false, name: input.name },
    inbound_nodes: [],
  }))
  const weights: TopologyWeight[] = []
  const unsupported: string[] = []
  const tensors = new Map<string, KerasTensor>(
    graph.inputs.map((input) => [input.name, { layer: input.name, shape: input.shape }]),
  )
  for (const node of graph.nodes) {
    let added = 0
    const keras: Topology = {
      layer(className, config, inputs, shape, names = {}) {
        const layer = added === 0 ? node.name : `${node.name}__${added}`
        added += 1
        // Zeros, because the weights are loaded over them at once.
        const initializers = Object.keys(names).map((weight) => [
          `${weight}_initializer`,
          { class_name: 'Zeros', config: {} },
        ])
        layers.push({
          name: layer,
          class_name: className,
          config: {
            ...Object.fromEntries(initializers),
            ...config,
            name: layer,
            trainable: node.config['trainable'] !== false,
          },
          inbound_nodes: [inputs.map((input) => [input.layer, 0, 0, {}])],
        })
        for (const [weight, local] of Object.entries(names)) {
          const parameter = node.parameters.find((candidate) => candidate.name === local)
          if (parameter === undefined) throw new Error(`${node.name} has no parameter ${local}`)
          weights.push({ name: `${layer}/${weight}`, parameter: parameter.id, shape: parameter.shape })
        }
        return { layer, shape }
      },
      unsupported: (what) => void unsupported.push(what),
    }
    const inputs = node.inputs.map((input) => required(tensors, input))
    tensors.set(node.name, node.component.topology(keras, node.config, inputs))
  }
  return {
    topology: {
      class_name: 'Model',
      config: {
        name,
        layers,
        input_layers: graph.inputs.map((input) => [input.name, 0, 0]),
        output_layers: graph.outputs.map((output) => [required(tensors, output).layer, 0, 0]),
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weights,
    unsupported: [...new Set(unsupported)],
  }
}

function required(tensors: ReadonlyMap<string, KerasTensor>, name: string): KerasTensor {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`nothing is named ${name}`)
  return tensor
}
