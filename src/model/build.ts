import { sizeOf } from '../ir/ir.ts'
import type { Shape } from '../ir/ir.ts'
import { constraints } from '../components/constraints/index.ts'
import { initializers } from '../components/initializers/index.ts'
import { layers } from '../components/layers/index.ts'
import { ShapeError } from '../components/shape-error.ts'
import type { LayerComponent } from '../components/layers/layer.ts'
import { regularizers } from '../components/regularizers/index.ts'
import type { ConfigPath, Problem } from '../diagnostic.ts'
import { isConfig, unsure } from '../registry.ts'
import type { ComponentConfig } from '../registry.ts'
import { ifKnown } from '../spec/check/draft.ts'
import { draftOf } from '../spec/schema/model.ts'
import type { LayerDraft, ModelDraft, ModelSpec } from '../spec/schema/model.ts'
import type { Graph, GraphNode, Outline, OutlineNode, Parameter } from './graph.ts'
import { linkLayers, nameLayers, sortLayers, whichOf } from './links.ts'
import type { Place, Report } from './links.ts'

export type Built = {
  readonly graph?: Graph
  readonly outline: Outline
  readonly problems: readonly Problem[]
}

/** The graph of a valid model section. */
export function buildGraph(model: ModelSpec): Built {
  return inferGraph(draftOf(model))
}

/** Names the layers, links them, infers every shape; says all that is wrong with them at once. */
export function inferGraph(model: ModelDraft): Built {
  const problems: Problem[] = []
  const report: Report = (problem) => void problems.push({ severity: 'error', ...problem })
  const inputs = (model.inputs ?? []).map(({ name }) => name)
  const places = nameLayers(model.layers, inputs, report)
  const open = model.inputs === undefined || model.layers.some(isNameless)
  const links = linkLayers(places, { inputs, open }, report)
  const order = sortLayers(places, links, report)

  const shapes = new Map((model.inputs ?? []).map(({ name, shape }) => [name, shape]))
  const nodes: (GraphNode | OutlineNode)[] = []
  for (const place of order) {
    const node = inferLayer(place, links.get(place.name) ?? [], shapes, report)
    shapes.set(place.name, node.shape)
    nodes.push(node)
  }

  const names = [...inputs, ...places.map(({ name }) => name)]
  const outputs = chooseOutputs(model, places, open ? undefined : names, report)
  const tangled =
    open || !places.every(({ linked }) => linked) || problems.some(({ code }) => code !== 'shape')
  if (outputs && !tangled) problems.push(...unused(model, places, links, outputs))
  const outline: Outline = { inputs: model.inputs, nodes, outputs }
  const whole = problems.every(({ severity }) => severity === 'warning') && isGraph(outline)
  return whole ? { graph: outline, outline, problems } : { outline, problems }
}

/** Whether a layer may have another name than the one known. */
function isNameless({ config, name }: LayerDraft): boolean {
  return name === undefined && config?.[unsure]?.has('name') === true
}

function isGraph(outline: Outline): outline is Graph {
  const { inputs, nodes, outputs } = outline
  return (
    outputs !== undefined &&
    inputs?.every(({ shape }) => shape !== undefined) === true &&
    nodes.every((node) => 'parameters' in node && node.config?.[unsure] === undefined)
  )
}

function inferLayer(
  place: Place,
  sources: readonly string[],
  shapes: ReadonlyMap<string, Shape | undefined>,
  report: Report,
): GraphNode | OutlineNode {
  const { index, name, config, linked } = place
  const unknown: OutlineNode = { index, name, config, shape: undefined }
  if (config === undefined || !linked) return unknown
  const path: ConfigPath = ['model', 'layers', index]
  const component = layers.of(config)
  const wrong = arityProblem(component, sources, path)
  if (wrong) report(wrong)
  const inputShapes = sources.map((source) => shapes.get(source)).filter((shape) => shape !== undefined)
  if (wrong || inputShapes.length < Math.max(1, sources.length)) return unknown
  try {
    const shaping = withoutActivation(config)
    const shape = ifKnown(shaping, (options) => component.outputShape(options, inputShapes))
    const parameters = ifKnown(shaping, (options) => parametersOf(component, options, inputShapes, name))
    if (parameters) checkParameters(parameters, config)
    if (shape) checkActivity(config, shape)
    if (!shape || !parameters) return { ...unknown, shape }
    return { name, index, component, config, inputs: sources, inputShapes, shape, parameters }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const { message, hint } = error
    report({ code: 'shape', path: [...path, ...error.path], message, ...(hint !== undefined && { hint }) })
    return unknown
  }
}

/** An activation of which nothing is known is left out: hardly any changes a shape. */
function withoutActivation(config: ComponentConfig): ComponentConfig {
  const doubts = config[unsure]
  if (!doubts?.has('activation')) return config
  const rest = new Set([...doubts].filter((option) => option !== 'activation'))
  return { ...config, activation: { type: 'linear' }, [unsure]: rest }
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
  for (const { name, parts } of parameters) {
    for (const part of parts)
      initializers.of(part.initializer).requireShape?.(part.shape, `${name} of ${type}`)
  }
  for (const { shape, regularizer, constraint } of parameters) {
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

/** The outputs by name: those that the config lists, else the last layer; undefined where that is not known. */
function chooseOutputs(
  { outputs: wanted, doubts }: ModelDraft,
  places: readonly Place[],
  names: readonly string[] | undefined,
  report: Report,
): string[] | undefined {
  const last = places.at(-1)
  if (doubts.has('outputs') || last === undefined) return undefined
  if (wanted === undefined) return [last.name]
  if (names === undefined) return undefined
  const known = new Set(names)
  let wrong = false
  const chosen = new Set<string>()
  for (const [position, name] of [wanted].flat().entries()) {
    const path = typeof wanted === 'string' ? ['model', 'outputs'] : ['model', 'outputs', position]
    if (!known.has(name)) {
      wrong = true
      report({
        code: 'unknown-output',
        path,
        message: `no layer is named "${name}"`,
        hint: whichOf(name, names),
      })
    } else if (chosen.has(name)) {
      report({ code: 'duplicate-name', path, message: `the output "${name}" is listed twice` })
    }
    chosen.add(name)
  }
  return wrong ? undefined : [...chosen]
}

/** What is computed or given for nothing. */
function unused(
  { inputs, written }: ModelDraft,
  places: readonly Place[],
  links: ReadonlyMap<string, readonly string[]>,
  outputs: readonly string[],
): Problem[] {
  const used = new Set([...outputs, ...[...links.values()].flat()])
  return [
    ...(inputs ?? [])
      .filter(({ name }) => !used.has(name))
      .map(({ name }): Problem => ({
        severity: 'error',
        code: 'unused-input',
        path: written.includes('inputs') ? ['model', 'inputs', name] : ['model', 'input'],
        at: 'key',
        message: `the input "${name}" is used by no layer`,
        hint: `take it somewhere with \`from: ${name}\``,
      })),
    ...places
      .filter(({ name }) => !used.has(name))
      .map(({ index, name }): Problem => ({
        severity: 'warning',
        code: 'unused-layer',
        path: ['model', 'layers', index],
        message: `nothing uses the output of "${name}"`,
        hint: 'name it in a `from` or in `outputs`, or remove it',
      })),
  ]
}

/** How many numbers a graph's weights hold. */
export function countParameters(graph: Graph): { trainable: number; fixed: number } {
  const count = (trainable: boolean): number =>
    graph.nodes
      .flatMap((node) => node.parameters.map((parameter) => ({ parameter, node })))
      .filter(({ parameter, node }) => isTrained(node, parameter) === trainable)
      .reduce((total, { parameter }) => total + sizeOf(parameter.shape), 0)
  return { trainable: count(true), fixed: count(false) }
}

/** Whether training descends on a parameter: not on statistics, and on nothing in a frozen layer. */
export function isTrained(node: GraphNode, parameter: Parameter): boolean {
  return parameter.trainable && node.config['trainable'] !== false
}
