import { constraints } from '../components/constraints/index.ts'
import { initializers } from '../components/initializers/index.ts'
import { layers } from '../components/layers/index.ts'
import type { LayerComponent } from '../components/layers/layer.ts'
import { regularizers } from '../components/regularizers/index.ts'
import { ShapeError } from '../components/shape-error.ts'
import { isKnown } from '../components/unknown-size.ts'
import type { ConfigPath, Problem } from '../diagnostic.ts'
import type { Shape } from '../ir/ir.ts'
import { isConfig } from '../registry.ts'
import type { ComponentConfig } from '../registry.ts'
import type { ComponentDraft } from '../spec/check/draft.ts'
import type { GraphNode, OutlineNode, Parameter } from './graph.ts'
import type { ReportProblem } from './links.ts'
import type { PlacedLayer } from './place-layers.ts'

/** The shape and the parameters of a layer, as far as they are known; reports what it cannot take. */
export function inferLayer(
  layer: PlacedLayer,
  shapes: ReadonlyMap<string, Shape | undefined>,
  report: ReportProblem,
): GraphNode | OutlineNode {
  const { component: draft, linked, name, path, inputs: sources, from, shares, model } = layer
  const place = { name, path, inputs: sources, from, shares, model }
  const unknown = (shape?: Shape): OutlineNode => ({ ...place, config: draft?.config, shape })
  if (draft === undefined || !linked) return unknown()
  const { config, doubts } = draft
  const component = layers.of(config)
  const wrong = arityProblem(component, sources, path)
  if (wrong) report(wrong)
  const inputShapes = sources.map((source) => shapes.get(source)).filter((shape) => shape !== undefined)
  if (wrong || inputShapes.length < Math.max(1, sources.length)) return unknown()
  try {
    const shape = outputShape(component, draft, inputShapes)
    if (shape === undefined || doubts.size > 0) return unknown(shape)
    const parameters = parametersOf(component, config, inputShapes, name)
    checkParameters(parameters, config)
    if (isKnown(shape)) checkActivity(config, shape)
    return { ...place, component, config, inputShapes, shape, parameters }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const { message, hint } = error
    report({ code: 'shape', path: [...path, ...error.path], message, ...(hint !== undefined && { hint }) })
    return unknown()
  }
}

function arityProblem(
  { arity, type }: LayerComponent,
  sources: readonly string[],
  path: ConfigPath,
): Omit<Problem, 'severity'> | undefined {
  if (arity === 'one' && sources.length > 1) {
    return {
      code: 'arity',
      path: [...path, 'from'],
      message: `${type} takes one input, got ${sources.length}`,
      hint: 'merge them first, as with concatenate or add',
    }
  }
  if (arity === 'several' && sources.length < 2) {
    return {
      code: 'arity',
      path,
      message: `${type} merges several inputs, got ${sources.length}`,
      hint: 'name them, as in `from: [left, right]`',
    }
  }
  return undefined
}

/** The output shape, where the options that it depends on are known. */
function outputShape(
  component: LayerComponent,
  { config, doubts }: ComponentDraft,
  inputs: readonly Shape[],
): Shape | undefined {
  const isKnown = component.shapedBy.every((option) => option === 'activation' || !doubts.has(option))
  if (!isKnown) return undefined
  // Hardly any activation changes a shape: one that is not known is taken for one that does not.
  const options = doubts.has('activation') ? { ...config, activation: { type: 'linear' } } : config
  return component.outputShape(options, inputs)
}

function parametersOf(
  component: LayerComponent,
  config: ComponentConfig,
  inputs: readonly Shape[],
  layer: string,
): Parameter[] {
  return component.parameters(config, inputs).map((spec) => ({
    parts: [spec],
    trainable: true,
    regularizer: null,
    constraint: null,
    ...spec,
    id: `${layer}/${spec.name}`,
    layer,
  }))
}

function checkParameters(parameters: readonly Parameter[], { type }: ComponentConfig): void {
  const known = parameters.filter(({ shape }) => isKnown(shape))
  for (const { name, parts } of known) {
    for (const part of parts)
      initializers.of(part.initializer).requireShape?.(part.shape, `${name} of ${type}`)
  }
  for (const { shape, regularizer, constraint } of known) {
    if (regularizer) regularizers.of(regularizer).checkShape?.(regularizer, shape)
    if (constraint) constraints.of(constraint).checkShape?.(constraint, shape)
  }
}

/** A penalty on outputs sees the whole batch: an axis of unknown size comes first. */
function checkActivity({ activity_regularizer: activity }: ComponentConfig, shape: Shape): void {
  if (!isConfig(activity)) return
  try {
    regularizers.of(activity).checkShape?.(activity, [Infinity, ...shape])
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new ShapeError(error.message, { option: 'activity_regularizer' })
  }
}
