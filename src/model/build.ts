import { sizeOf } from '../compiler/ir.ts'
import type { Shape } from '../compiler/ir.ts'
import { constraints } from '../components/constraints/index.ts'
import { initializers } from '../components/initializers/index.ts'
import { layers } from '../components/layers/index.ts'
import { ShapeError } from '../components/layers/layer.ts'
import { regularizers } from '../components/regularizers/index.ts'
import type { ConfigPath, Problem } from '../diagnostic.ts'
import { draftOf } from '../spec/model.ts'
import type { ModelDraft, ModelSpec } from '../spec/model.ts'
import type { Graph, GraphNode, Parameter } from './graph.ts'
import { linkLayers, nameLayers, sortLayers, whichOf } from './links.ts'
import type { Place, Report } from './links.ts'

export type Built = { readonly graph?: Graph; readonly problems: readonly Problem[] }

/** The graph of a valid model section. */
export function buildGraph(model: ModelSpec): Built {
  return inferGraph(draftOf(model))
}

/** Names the layers, links them, infers every shape; says all that is wrong with them at once. */
export function inferGraph(model: ModelDraft): Built {
  const problems: Problem[] = []
  const report: Report = (problem) => void problems.push({ severity: 'error', ...problem })
  const inputs = model.inputs.map(({ name }) => name)
  const places = nameLayers(model.layers, inputs, report)
  const links = linkLayers(places, inputs, report)
  const order = sortLayers(places, links, report)

  const shapes = new Map<string, Shape | undefined>(model.inputs.map(({ name, shape }) => [name, shape]))
  const nodes: GraphNode[] = []
  for (const place of order) {
    const node = inferLayer(place, links.get(place.name) ?? [], shapes, report)
    shapes.set(place.name, node?.shape)
    if (node !== undefined) nodes.push(node)
  }

  const names = [...inputs, ...places.map(({ name }) => name)]
  const outputs = chooseOutputs(model.outputs, places, names, report)
  const linked = problems.length === 0 && model.complete
  if (linked) problems.push(...unused(model, places, links, outputs))
  const known = model.inputs.flatMap(({ name, shape }) => (shape ? [{ name, shape }] : []))
  const whole = nodes.length === places.length && known.length === inputs.length
  return linked && whole ? { graph: { inputs: known, nodes, outputs }, problems } : { problems }
}

function inferLayer(
  { index, name, config }: Place,
  sources: readonly string[],
  shapes: ReadonlyMap<string, Shape | undefined>,
  report: Report,
): GraphNode | undefined {
  if (config === undefined) return undefined
  const path: ConfigPath = ['model', 'layers', index]
  const component = layers.of(config)
  if (component.arity === 'one' && sources.length > 1) {
    report({
      code: 'arity',
      path: [...path, 'from'],
      message: `${config.type} takes one input, got ${sources.length}`,
      hint: 'merge them first, as with concatenate or add',
    })
    return undefined
  }
  if (component.arity === 'several' && sources.length < 2) {
    report({
      code: 'arity',
      path,
      message: `${config.type} merges several inputs, got ${sources.length}`,
      hint: 'name them, as in `from: [left, right]`',
    })
    return undefined
  }
  const inputShapes = sources.flatMap((source) => {
    const shape = shapes.get(source)
    return shape === undefined ? [] : [shape]
  })
  if (inputShapes.length < Math.max(1, sources.length)) return undefined
  try {
    const shape = component.outputShape(config, inputShapes)
    const parameters = component.parameters(config, inputShapes).map((spec): Parameter => ({
      parts: [spec],
      trainable: true,
      regularizer: null,
      constraint: null,
      ...spec,
      id: `${name}/${spec.name}`,
      layer: name,
    }))
    for (const { name: weight, parts } of parameters) {
      for (const part of parts)
        initializers.of(part.initializer).requireShape?.(part.shape, `${weight} of ${config.type}`)
    }
    for (const parameter of parameters) checkParameter(parameter)
    return { name, index, component, config, inputs: sources, inputShapes, shape, parameters }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const at = [...path, ...error.path]
    report({
      code: 'shape',
      path: at,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    })
    return undefined
  }
}

function checkParameter({ shape, regularizer, constraint }: Parameter): void {
  if (regularizer) regularizers.of(regularizer).checkShape?.(regularizer, shape)
  if (constraint) constraints.of(constraint).checkShape?.(constraint, shape)
}

/** The outputs by name: those that the config lists, else the last layer. */
function chooseOutputs(
  wanted: ModelSpec['outputs'],
  places: readonly Place[],
  names: readonly string[],
  report: Report,
): string[] {
  const last = places.at(-1)
  if (wanted === undefined) return last === undefined ? [] : [last.name]
  const known = new Set(names)
  const chosen = new Set<string>()
  for (const [position, name] of [wanted].flat().entries()) {
    const path = typeof wanted === 'string' ? ['model', 'outputs'] : ['model', 'outputs', position]
    if (!known.has(name)) {
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
  return [...chosen]
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
    ...inputs
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
