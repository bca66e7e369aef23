import type { Shape } from '../ir/ir.ts'
import type { KerasConfig, KerasTensor, Topology, WrappedLayer } from '../components/topology.ts'
import type { Graph, GraphNode, Parameter } from './graph.ts'
import { LayerCalls } from './topology-calls.ts'
import { canReset, joinsMasks, maskTreatment, NO_STEP } from './topology-masks.ts'

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

/** A graph as a functional TensorFlow.js model: plain data. */
export function modelTopology(graph: Graph, name: string): ModelTopology {
  const draft = new TopologyWriter(graph, false)
  const writer = draft.hasMasks ? new TopologyWriter(graph, true) : draft
  const { layers, weights, outputs, calls } = writer
  return {
    topology: {
      class_name: 'Model',
      config: {
        name,
        layers: layers.map((layer) => ({ ...layer, inbound_nodes: calls.inboundNodes(layer.name) })),
        input_layers: graph.inputs.map((input) => [input.name, 0, 0]),
        output_layers: outputs.map((output) => calls.reference(output)),
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weights,
    unsupported: writer.unsupported,
  }
}

/** The layers that express a graph; where any mask is made, those that read none are kept from seeing a stale one. */
class TopologyWriter {
  readonly layers: (KerasConfig & { readonly name: string })[] = []
  readonly calls = new LayerCalls()
  readonly weights: TopologyWeight[] = []
  readonly outputs: readonly KerasTensor[]
  readonly #resetsMasks: boolean
  readonly #parameters: ReadonlyMap<string, Parameter>
  readonly #unsupported = new Set<string>()
  /** The reasons why a layer that reads a mask is handed a stale one. */
  readonly #stale = new Set<string>()
  /** The layers that made the masks of this model. */
  readonly #origins = new Set<string>()
  /** Layers that rearrange the inputs of another one. */
  #helpers = 0
  #resets = 0

  constructor(graph: Graph, resetsMasks: boolean) {
    this.#resetsMasks = resetsMasks
    this.#parameters = new Map(
      graph.nodes.flatMap((node) => node.parameters).map((parameter) => [parameter.id, parameter]),
    )
    const tensors = new Map<string, KerasTensor>()
    for (const { name, shape } of graph.inputs) {
      const config = { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false, name }
      this.layers.push({ name, class_name: 'InputLayer', config })
      tensors.set(name, { layer: name, shape })
    }
    for (const node of graph.nodes) tensors.set(node.name, this.#write(node, tensors))
    this.outputs = graph.outputs.map((output) => required(tensors, output))
  }

  get hasMasks(): boolean {
    return this.#origins.size > 0
  }

  get unsupported(): string[] {
    // Where there is one mask only, a stale one is the right one.
    const isRight = this.#origins.size === 1 && this.#resets === 0
    return [...new Set([...this.#unsupported, ...(isRight ? [] : this.#stale)])]
  }

  #write(node: GraphNode, tensors: ReadonlyMap<string, KerasTensor>): KerasTensor {
    const inputs = node.inputs.map((input) => required(tensors, input))
    const { masking = 'drop' } = node.component
    const passesMask = masking === 'pass' && inputs[0]?.masked === true
    let fault = inputs.find((input) => input.fault !== undefined)?.fault
    let added = 0
    const keras: Topology = {
      layer: (className, config, inputs, shape, weights = {}, wrapped) => {
        // What has weights is a call of the layer that owns them.
        const owner = Object.keys(weights).length > 0 ? (node.shares ?? node.name) : node.name
        const name = added === 0 ? owner : `${owner}__${added}`
        added += 1
        const treatment = maskTreatment(className)
        const joins = joinsMasks(className, config['axis'], inputs)
        const isMasked = inputs.some(({ masked }) => masked === true)
        const keeps = treatment === 'keep' || treatment === 'by_step'
        if (isMasked && (passesMask ? !keeps : treatment === 'merge' && !joins))
          fault ??= `${node.config.type} of masked steps`
        const layer =
          passesMask && treatment === 'by_step'
            ? {
                className: 'TimeDistributed',
                config: {},
                wrapped: { className, config: { ...config, name: 'layer' } },
              }
            : { className, config, wrapped }
        const taken = this.#inputsOf(layer, treatment === 'merge' && !joins, inputs)
        const call = this.#add(name, layer, taken, node, weights)
        const output = { layer: name, call, shape, masked: passesMask && isMasked && keeps }
        // The steps of a Masking layer that keeps all would go on as a mask.
        return isSame(taken[0], inputs[0]) || treatment !== 'read' || shape.length < 2
          ? output
          : this.#helper('Reshape', { target_shape: shape }, output)
      },
      unsupported: (what) => void this.#unsupported.add(what),
    }
    const output = node.component.topology(keras, node.config, inputs)
    const masked = { use: output.masked, pass: inputs[0]?.masked, drop: false }[masking] ?? false
    if (!masked) return { ...output, masked }
    const origins = new Set(inputs.map((input) => (input.masked ? input.origin : undefined)))
    const [only] =
      origins.size === 1 && !(node.component.arity === 'several' && output.shape[0] !== inputs[0]?.shape[0])
        ? origins
        : []
    const origin = output.origin ?? only ?? node.name
    this.#origins.add(origin)
    return { ...output, masked, origin, fault: output.origin === undefined ? fault : undefined }
  }

  /** The inputs of a layer, rearranged where TensorFlow.js would hand it another mask than Keras does. */
  #inputsOf(
    layer: WrappedLayer,
    losesMasks: boolean,
    inputs: readonly KerasTensor[],
  ): readonly KerasTensor[] {
    if (losesMasks)
      return inputs.map((input) =>
        input.masked ? this.#helper('Reshape', { target_shape: input.shape }, input) : input,
      )
    if (!this.#resetsMasks) return inputs
    if (!canReset(layer)) this.#unsupported.add(`${(layer.wrapped ?? layer).className} beside a mask`)
    if (maskTreatment(layer.className) !== 'read') return inputs
    return inputs.map((input) => {
      if (input.fault !== undefined) this.#stale.add(input.fault)
      if (input.masked) return input
      this.#resets += 1
      return this.#helper('Masking', { mask_value: NO_STEP }, input)
    })
  }

  /** Adds a layer without weights, which passes its input on. */
  #helper(className: string, config: KerasConfig, input: KerasTensor): KerasTensor {
    const name = `${input.layer}__${(this.#helpers += 1)}_${className.toLowerCase()}`
    this.layers.push({ name, class_name: className, config: { name, ...config } })
    this.calls.add(name, [input])
    return { layer: name, shape: input.shape }
  }

  /** Adds a layer, or a call of one that was added before; returns which call of it this is. */
  #add(
    name: string,
    layer: WrappedLayer,
    inputs: readonly KerasTensor[],
    node: GraphNode,
    weights: Readonly<Record<string, string>>,
  ): number {
    // TensorFlow.js frees a tensor too soon that a layer takes twice: the second time it takes a copy.
    const distinct = inputs.map((input, position) => {
      if (inputs.findIndex((other) => isSame(other, input)) === position) return input
      return this.#helper('Activation', { activation: 'linear' }, input)
    })
    const call = this.calls.add(name, distinct)
    if (call > 0) return call
    const options = {
      ...zeroInitializers(Object.keys(weights)),
      trainable: node.config['trainable'] !== false,
    }
    this.layers.push({ name, class_name: layer.className, config: { ...configOf(layer, options), name } })
    for (const [weight, local] of Object.entries(weights)) {
      const parameter = this.#parameters.get(`${node.shares ?? node.name}/${local}`)
      if (parameter === undefined) throw new Error(`${node.name} has no parameter ${local}`)
      this.weights.push({ name: `${name}/${weight}`, parameter: parameter.id, shape: parameter.shape })
    }
    return call
  }
}

function isSame(a: KerasTensor | undefined, b: KerasTensor | undefined): boolean {
  return a?.layer === b?.layer && (a?.call ?? 0) === (b?.call ?? 0)
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
