import { isKnown, mayEqual, UNKNOWN } from '../components/unknown-size.ts'
import type { Shape } from '../ir/ir.ts'
import type { Problem } from '../diagnostic.ts'
import { wholeModel } from '../spec/check/draft.ts'
import type { ModelDraft } from '../spec/check/draft.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import type { Graph, GraphNode, Outline, OutlineNode } from './graph.ts'
import { freezeLayers } from './freeze.ts'
import { inferLayer } from './infer-layer.ts'
import { sortLayers } from './links.ts'
import type { ReportProblem } from './links.ts'
import { chooseOutputs, unusedProblems } from './outputs.ts'
import { isNameless, placeLayers } from './place-layers.ts'

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
  const open = model.inputs === undefined || model.layers.some(isNameless)
  const written = placeLayers({ layers: model.layers, path: ['model', 'layers'], inputs, open }, report)
  const placed = freezeLayers(written, model.freeze, report)

  const shapes = new Map<string, Shape | undefined>(model.inputs?.map(({ name, shape }) => [name, shape]))
  const inferred: (GraphNode | OutlineNode)[] = []
  for (const layer of sortLayers(placed, report)) {
    const node = inferLayer(layer, shapes, report)
    shapes.set(layer.name, node.shape)
    inferred.push(node)
  }
  const nodes = withoutSharedParameters(inferred, report)

  const outputs = chooseOutputs(model, placed, open, report)
  const isLinked =
    !open && placed.every(({ linked }) => linked) && problems.every(({ code }) => code === 'shape')
  if (outputs && isLinked) problems.push(...unusedProblems(model, placed, outputs))

  const outline: Outline = { inputs: model.inputs, nodes, outputs }
  const isValid = problems.every(({ severity }) => severity === 'warning')
  return { ...(isValid && isGraph(outline) && { graph: outline }), outline, problems }
}

/** Parameters belong to one layer: those that use them too must need the same. */
function withoutSharedParameters(
  nodes: readonly (GraphNode | OutlineNode)[],
  report: ReportProblem,
): (GraphNode | OutlineNode)[] {
  const sharing = new Set(nodes.map(({ shares }) => shares))
  const owned = new Map(
    nodes
      .filter(({ name }) => sharing.has(name))
      .flatMap(({ parameters = [] }) => parameters.map(({ id, shape }) => [id, shape])),
  )
  return nodes.map((node) => {
    if (node.shares === undefined || node.parameters === undefined) return node
    for (const { name, shape } of node.parameters) {
      const its = owned.get(`${node.shares}/${name}`) ?? shape
      if (its.length === shape.length && its.every((length, i) => mayEqual(length, shape[i]))) continue
      report({
        code: 'shape',
        path: node.path,
        message: `the ${name} of "${node.shares}" has the shape ${shapeText(its)}, but here it would be ${shapeText(shape)}`,
        hint: 'layers that share weights take inputs of the same size',
      })
    }
    return { ...node, parameters: [] }
  })
}

function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`.replaceAll(String(UNKNOWN), '?')
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
