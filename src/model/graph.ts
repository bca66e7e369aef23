import type { ConfigPath } from '../diagnostic.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Shape } from '../ir/ir.ts'
import type { LayerComponent, ParameterSpec } from '../components/layers/layer.ts'
import type { ComponentConfig } from '../registry.ts'

/** A weight of the model; `id` is `layer/name`. */
export type Parameter = Required<Omit<ParameterSpec, 'holder'>> &
  Pick<ParameterSpec, 'holder'> & { readonly id: string; readonly layer: string }

/** A layer in its place. Shapes are without the batch axis. */
export type GraphNode = {
  readonly name: string
  /** Its place in the config. */
  readonly path: ConfigPath
  readonly component: LayerComponent
  readonly config: ComponentConfig
  /** Names of the inputs or layers that it takes. */
  readonly inputs: readonly string[]
  readonly inputShapes: readonly Shape[]
  readonly shape: Shape
  /** Its own ones. */
  readonly parameters: readonly Parameter[]
  /** The layer whose parameters it uses, where these are not its own. */
  readonly shares?: string | undefined
  /** The innermost model that it is inside. */
  readonly model?: string | undefined
  /** The inputs by the names that its model has for them; of a layer that stands for a model, those of that model. */
  readonly from: readonly string[]
}

/** A model: layers with inferred shapes and parameters, inputs first. */
export type Graph = {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[]
  /** In an order in which a layer's inputs come first. */
  readonly nodes: readonly GraphNode[]
  /** Names of the layers (or inputs) that the model returns. */
  readonly outputs: readonly string[]
}

/** The known part of a model that may be incomplete: every graph is one. A size that only the data tells is unknown. */
export type Outline = {
  /** Undefined where it is not known which there are. */
  readonly inputs: readonly { readonly name: string; readonly shape: Shape | undefined }[] | undefined
  readonly nodes: readonly OutlineNode[]
  /** Undefined where it is not known which there are. */
  readonly outputs: readonly string[] | undefined
}
export type OutlineNode = Pick<GraphNode, 'name' | 'path' | 'inputs' | 'shares' | 'model' | 'from'> & {
  readonly config: ComponentConfig | undefined
  readonly shape: Shape | undefined
} & Partial<Pick<GraphNode, 'parameters'>>

/** The shape of an input or of a layer's output. */
export function shapeOf(graph: Graph, name: string): Shape {
  const source =
    graph.inputs.find((input) => input.name === name) ?? graph.nodes.find((node) => node.name === name)
  if (source === undefined) throw new Error(`the graph has nothing named ${name}`)
  return source.shape
}

/** The layer that computes what a name stands for: a model's output is that of a layer inside it. */
export function layerBehind<N extends OutlineNode>(nodes: readonly N[], name: string): N | undefined {
  const node = nodes.find((one) => one.name === name)
  const [output] = node?.inputs ?? []
  return node?.config?.type === 'model' && output !== undefined ? layerBehind(nodes, output) : node
}

/** The number of values that a graph's weights hold. */
export function countParameters(graph: Graph): { trainable: number; fixed: number } {
  const count = (trainable: boolean): number =>
    graph.nodes
      .flatMap((node) => node.parameters.map((parameter) => ({ parameter, node })))
      .filter(({ parameter, node }) => isTrained(node, parameter) === trainable)
      .reduce((total, { parameter }) => total + sizeOf(parameter.shape), 0)
  return { trainable: count(true), fixed: count(false) }
}

/** Tells parameters that training descends on from statistics and from those of a frozen layer. */
export function isTrained(node: GraphNode, parameter: Parameter): boolean {
  return parameter.trainable && node.config['trainable'] !== false
}
