import { isKnown } from '../components/unknown-size.ts'
import type { Shape } from '../ir/ir.ts'
import type { Problem } from '../diagnostic.ts'
import { wholeModel } from '../spec/check/draft.ts'
import type { LayerDraft, ModelDraft } from '../spec/check/draft.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import type { Graph, GraphNode, Outline, OutlineNode } from './graph.ts'
import { freezeLayers } from './freeze.ts'
import { inferLayer } from './infer-layer.ts'
import { linkLayers, nameLayers, sortLayers } from './links.ts'
import type { ReportProblem } from './links.ts'
import { chooseOutputs, unusedProblems } from './outputs.ts'

export type BuiltModel = {
  readonly graph?: Graph
  readonly outline: Outline
  readonly problems: readonly Problem[]
}

/** The graph of a valid model section. */
export function buildGraph(model: ModelSpec): BuiltModel {
  return inferGraph(wholeModel(model))
}

/** Names the layers, links them, infers every shape; reports all that is wrong with them at once. */
export function inferGraph(model: ModelDraft): BuiltModel {
  const problems: Problem[] = []
  const report: ReportProblem = (problem) => void problems.push({ severity: 'error', ...problem })

  const inputs = (model.inputs ?? []).map(({ name }) => name)
  const named = freezeLayers(nameLayers(model.layers, inputs, report), model.freeze, report)
  const open = model.inputs === undefined || model.layers.some(isNameless)
  const links = linkLayers(named, { inputs, open }, report)

  const shapes = new Map<string, Shape | undefined>(model.inputs?.map(({ name, shape }) => [name, shape]))
  const nodes: (GraphNode | OutlineNode)[] = []
  for (const layer of sortLayers(named, links, report)) {
    const node = inferLayer(layer, links.get(layer.name) ?? [], shapes, report)
    shapes.set(layer.name, node.shape)
    nodes.push(node)
  }

  const outputs = chooseOutputs(model, named, open, report)
  const isLinked =
    !open && named.every(({ linked }) => linked) && problems.every(({ code }) => code === 'shape')
  if (outputs && isLinked) problems.push(...unusedProblems(model, named, links, outputs))

  const outline: Outline = { inputs: model.inputs, nodes, outputs }
  const isValid = problems.every(({ severity }) => severity === 'warning')
  return { ...(isValid && isGraph(outline) && { graph: outline }), outline, problems }
}

/** Tells that a layer may have another name than the one known. */
function isNameless({ component, name }: LayerDraft): boolean {
  return name === undefined && component?.doubts.has('name') === true
}

function isGraph(outline: Outline): outline is Graph {
  const { inputs, nodes, outputs } = outline
  return (
    outputs !== undefined &&
    inputs?.every(({ shape }) => shape !== undefined && isKnown(shape)) === true &&
    nodes.every(
      (node) =>
        node.parameters?.every(({ shape }) => isKnown(shape)) === true &&
        node.shape !== undefined &&
        isKnown(node.shape),
    )
  )
}
