import { sizeOf } from '../compiler/ir.ts'
import type { Shape } from '../compiler/ir.ts'
import { initializers } from '../components/initializers/index.ts'
import { constraints } from '../components/constraints/index.ts'
import { layers } from '../components/layers/index.ts'
import { ShapeError } from '../components/layers/layer.ts'
import { regularizers } from '../components/regularizers/index.ts'
import type { ConfigPath, Problem } from '../diagnostic.ts'
import { nearest } from '../nearest.ts'
import type { ComponentConfig } from '../registry.ts'
import type { ModelSpec } from '../spec/model.ts'
import type { Graph, GraphNode, Parameter } from './graph.ts'

/** The model section as far as it is valid: a layer that is not is undefined, and its shape stays unknown. */
export type PartialModel = Pick<ModelSpec, 'input' | 'inputs' | 'outputs'> & {
  readonly layers: readonly (ComponentConfig | undefined)[]
}

export type Built = { readonly graph?: Graph; readonly problems: readonly Problem[] }

type Place = { readonly index: number; readonly name: string; readonly config: ComponentConfig | undefined }

/** Names the layers, links them, infers every shape; says all that is wrong with them at once. */
export function buildGraph(model: PartialModel): Built {
  const problems: Problem[] = []
  const report = (problem: Omit<Problem, 'severity'>): void =>
    void problems.push({ severity: 'error', ...problem })
  const inputs = Object.entries(
    model.inputs ?? (model.input === undefined ? {} : { input: model.input }),
  ).map(([name, shape]) => ({ name, shape }))
  const places = nameLayers(
    model.layers,
    inputs.map(({ name }) => name),
    report,
  )
  const links = linkLayers(
    places,
    inputs.map(({ name }) => name),
    report,
  )
  const order = sortLayers(places, links, report)

  const shapes = new Map<string, Shape | undefined>(inputs.map(({ name, shape }) => [name, shape]))
  const nodes: GraphNode[] = []
  for (const place of order) {
    const node = inferLayer(place, links.get(place.name) ?? [], shapes, report)
    shapes.set(place.name, node?.shape)
    if (node !== undefined) nodes.push(node)
  }

  const outputs = chooseOutputs(model.outputs, places, shapes, report)
  reportUnused(inputs, places, links, outputs, problems)
  if (problems.some(({ severity }) => severity === 'error') || nodes.length < places.length)
    return { problems }
  return { graph: { inputs, nodes, outputs }, problems }
}

type Report = (problem: Omit<Problem, 'severity'>) => void

/** Layers without a name get their type, then type_1, type_2 ... as in Keras. */
function nameLayers(
  configs: readonly (ComponentConfig | undefined)[],
  inputs: readonly string[],
  report: Report,
): Place[] {
  const given = configs.map((config) => (typeof config?.['name'] === 'string' ? config['name'] : undefined))
  const taken = new Set([...inputs, ...given.flatMap((name) => name ?? [])])
  const seen = new Map(inputs.map((name) => [name, 'an input']))
  return configs.map((config, index) => {
    const chosen = given[index]
    if (chosen !== undefined) {
      const other = seen.get(chosen)
      if (other !== undefined) {
        const path = ['model', 'layers', index, 'name']
        report({
          code: 'duplicate-name',
          path,
          message: `"${chosen}" already names ${other}`,
          hint: 'give each layer a name of its own',
        })
      }
      seen.set(chosen, `layer ${index + 1}`)
      return { index, name: chosen, config }
    }
    const type = config?.type ?? 'layer'
    let name = type
    for (let n = 1; taken.has(name); n++) name = `${type}_${n}`
    taken.add(name)
    seen.set(name, `layer ${index + 1}`)
    return { index, name, config }
  })
}

/** The names of what each layer takes: those in its `from`, else the layer before it. */
function linkLayers(
  places: readonly Place[],
  inputs: readonly string[],
  report: Report,
): Map<string, string[]> {
  const known = [...inputs, ...places.map(({ name }) => name)]
  const links = new Map<string, string[]>()
  for (const [i, { index, name, config }] of places.entries()) {
    const from = config?.['from']
    const path: ConfigPath = ['model', 'layers', index]
    if (from === undefined) {
      const before = i === 0 ? (inputs.length === 1 ? inputs[0] : undefined) : places[i - 1]?.name
      if (before === undefined && config !== undefined && inputs.length > 1) {
        report({
          code: 'from',
          path,
          message: 'which input does the first layer take?',
          hint: `say \`from: ${inputs[0]}\`; the inputs are ${inputs.join(', ')}`,
        })
      }
      links.set(name, before === undefined ? [] : [before])
      continue
    }
    const names = (Array.isArray(from) ? from : [from]).map(String)
    for (const [position, source] of names.entries()) {
      if (known.includes(source)) continue
      const close = nearest(source, known)
      report({
        code: 'dangling-from',
        path: Array.isArray(from) ? [...path, 'from', position] : [...path, 'from'],
        message: `no input or layer is named "${source}"`,
        hint: close === undefined ? `there are: ${known.join(', ')}` : `did you mean "${close}"?`,
      })
    }
    links.set(name, names)
  }
  return links
}

/** Layers after all that they take; those on a cycle are reported and left out. */
function sortLayers(places: readonly Place[], links: ReadonlyMap<string, string[]>, report: Report): Place[] {
  const byName = new Map(places.map((place) => [place.name, place]))
  const sorted: Place[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (place: Place, trail: readonly string[]): void => {
    if (state.get(place.name) === 'done') return
    if (state.get(place.name) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(place.name)), place.name]
      const path = ['model', 'layers', place.index, 'from']
      report({
        code: 'cycle',
        path,
        message: `the layers form a cycle: ${cycle.join(' takes ')}`,
        hint: 'a layer cannot take what depends on its own output',
      })
      return
    }
    state.set(place.name, 'open')
    for (const source of links.get(place.name) ?? []) {
      const next = byName.get(source)
      if (next !== undefined) visit(next, [...trail, place.name])
    }
    state.set(place.name, 'done')
    sorted.push(place)
  }
  for (const place of places) visit(place, [])
  return sorted
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
    return { name, component, config, inputs: sources, inputShapes, shape, parameters }
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

function chooseOutputs(
  wanted: ModelSpec['outputs'],
  places: readonly Place[],
  shapes: ReadonlyMap<string, Shape | undefined>,
  report: Report,
): string[] {
  const last = places.at(-1)
  if (wanted === undefined) return last === undefined ? [] : [last.name]
  const names = typeof wanted === 'string' ? [wanted] : wanted
  for (const [position, name] of names.entries()) {
    const path = typeof wanted === 'string' ? ['model', 'outputs'] : ['model', 'outputs', position]
    if (!shapes.has(name)) {
      const close = nearest(name, shapes.keys())
      const hint =
        close === undefined ? `there are: ${[...shapes.keys()].join(', ')}` : `did you mean "${close}"?`
      report({ code: 'dangling-output', path, message: `no layer is named "${name}"`, hint })
    } else if (names.indexOf(name) < position) {
      report({ code: 'duplicate-name', path, message: `"${name}" is listed twice` })
    }
  }
  return [...new Set(names)]
}

function reportUnused(
  inputs: Graph['inputs'],
  places: readonly Place[],
  links: ReadonlyMap<string, string[]>,
  outputs: readonly string[],
  problems: Problem[],
): void {
  const used = new Set([...outputs, ...[...links.values()].flat()])
  if (places.some(({ config }) => config === undefined)) return
  for (const { name } of inputs) {
    if (used.has(name)) continue
    const message = `the input "${name}" is used by no layer`
    const path = inputs.length === 1 && name === 'input' ? ['model', 'input'] : ['model', 'inputs', name]
    problems.push({
      severity: 'error',
      code: 'unused-input',
      path,
      at: 'key',
      message,
      hint: `take it somewhere with \`from: ${name}\``,
    })
  }
  for (const { index, name } of places) {
    if (used.has(name)) continue
    const message = `nothing uses the output of "${name}"`
    const hint = 'name it in a `from` or in `outputs`, or remove it'
    problems.push({
      severity: 'warning',
      code: 'unused-layer',
      path: ['model', 'layers', index],
      message,
      hint,
    })
  }
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
