import type { Shape } from '../ir/ir.ts'
import type { KerasConfig, KerasTensor, KerasValue, Topology, WrappedLayer } from '../components/topology.ts'
import type { Graph } from './graph.ts'

/** A weight of a TensorFlow.js model and the parameter whose values it holds. */
export type TopologyWeight = { readonly name: string; readonly parameter: string; readonly shape: Shape }

export type ModelTopology = {
  /** The `modelTopology` of a model.json. */
  readonly topology: KerasConfig
  /** In the order of the weights file. */
  readonly weights: readonly TopologyWeight[]
  /** Features that plain TensorFlow.js lacks: such a model loads in nnlab only. */
  readonly unsupported: readonly string[]
}

/** The layers of TensorFlow.js whose output has its input's mask; others lose it without a word. */
const KEEP_MASKS: ReadonlySet<string> = new Set([
  'Activation',
  'AlphaDropout',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'LayerNormalization',
  'PReLU',
  'ReLU',
  'SpatialDropout1D',
  'TimeDistributed',
])

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
    const inputs = node.inputs.map((input) => required(tensors, input))
    const passesMask = node.component.masking === 'pass' && inputs[0]?.masked === true
    let added = 0
    // TensorFlow.js frees a tensor too soon that a layer takes twice: the second time it takes a copy.
    const distinct = (layer: string, inputs: readonly KerasTensor[]): string[] =>
      inputs.map((input, position) => {
        if (inputs.findIndex((other) => other.layer === input.layer) === position) return input.layer
        const copy = `${layer}__copy${position}`
        layers.push({
          name: copy,
          class_name: 'Activation',
          config: { name: copy, activation: 'linear' },
          inbound_nodes: [[[input.layer, 0, 0, {}]]],
        })
        return copy
      })
    const keras: Topology = {
      layer(className, config, inputs, shape, names = {}, wrapped) {
        const layer = added === 0 ? node.name : `${node.name}__${added}`
        added += 1
        if (passesMask && !KEEP_MASKS.has(className)) unsupported.push(`${node.config.type} of masked steps`)
        const trainable = node.config['trainable'] !== false
        const options = { ...zeroInitializers(Object.keys(names)), trainable }
        layers.push({
          name: layer,
          class_name: className,
          config: { ...configOf({ className, config, wrapped }, options), name: layer },
          inbound_nodes: [distinct(layer, inputs).map((input) => [input, 0, 0, {}])],
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
    const output = node.component.topology(keras, node.config, inputs)
    const masked = { use: output.masked, pass: inputs[0]?.masked, drop: false }[
      node.component.masking ?? 'drop'
    ]
    tensors.set(node.name, { ...output, masked: masked ?? false })
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

/** The config of a layer, of which the innermost one takes the options. */
function configOf({ config, wrapped }: WrappedLayer, options: KerasConfig): KerasConfig {
  if (wrapped === undefined) return { ...options, ...config }
  return { ...config, layer: { class_name: wrapped.className, config: configOf(wrapped, options) } }
}

/** The weights are loaded over whatever a layer starts with: zeros cost nothing. */
function zeroInitializers(weights: readonly string[]): KerasConfig {
  return Object.fromEntries(
    weights.map((weight) => {
      const option = weight.replace(/^.*\//, '').replace(/_kernel$/, '')
      return [`${option}_initializer`, { class_name: 'Zeros', config: {} }]
    }),
  )
}

function required(tensors: ReadonlyMap<string, KerasTensor>, name: string): KerasTensor {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`nothing is named ${name}`)
  return tensor
}
