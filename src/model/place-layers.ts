// The layers of a model in one list, with those of the models inside it, and what each takes.
import type { ConfigPath } from '../diagnostic.ts'
import type { ComponentDraft, LayerDraft } from '../spec/check/draft.ts'
import type { GraphNode } from './graph.ts'
import { linkLayers, nameLayers, whichOf } from './links.ts'
import type { NamedLayer, ReportProblem } from './links.ts'

/** A layer in its place; names of layers inside a model begin with the model's, as in `encoder/dense`. */
export type PlacedLayer = Omit<NamedLayer, 'from' | 'layers'> &
  Pick<GraphNode, 'inputs' | 'from' | 'shares' | 'model'>

/** A list of layers, and what they may take from outside. */
export type Scope = {
  readonly layers: readonly LayerDraft[]
  readonly path: ConfigPath
  readonly inputs: readonly string[]
  /** True where names may exist that are not known. */
  readonly open: boolean
}

/** More shared layers than any model has: models that share models may multiply. */
const MOST_SHARED = 5_000

/** Names and links the layers. A model inside the model follows its layers, and takes its output from one of them. */
export function placeLayers({ layers, path, inputs, open }: Scope, report: ReportProblem): PlacedLayer[] {
  const named = nameLayers(layers, inputs, path, report)
  const groups = new Map<NamedLayer, readonly PlacedLayer[]>()
  let sharing = 0
  const add = (layer: NamedLayer, group: readonly PlacedLayer[]): void => {
    sharing += group.filter(({ shares }) => shares !== undefined).length
    const message = `the model has more than ${MOST_SHARED} shared layers`
    if (sharing > MOST_SHARED) report({ code: 'memory', path: layer.path, message, hint: 'share fewer' })
    groups.set(layer, sharing > MOST_SHARED ? [unknown(layer)] : group)
  }
  for (const layer of named) if (isModel(layer)) add(layer, withInner(layer, report))
  const shared = named.filter(isShared)
  const owners =
    shared.length === 0
      ? []
      : named.flatMap((layer) => groups.get(layer) ?? (isShared(layer) ? [] : placed(layer, [])))
  for (const layer of shared) add(layer, copiesOf(layer, owners, report))
  const names = named.flatMap((layer) => groups.get(layer)?.map(({ name }) => name) ?? layer.name)
  const links = linkLayers(named, { inputs, names, open }, report)
  return named.flatMap((layer) => {
    const group = groups.get(layer)
    const taken = links.get(layer.name) ?? []
    return group === undefined ? placed(layer, taken) : linked(group, layer, taken, report)
  })
}

function isModel({ component }: NamedLayer): boolean {
  return component?.config.type === 'model'
}

function isShared({ component }: NamedLayer): boolean {
  return component?.config.type === 'shared'
}

function placed({ name, path, component, linked }: NamedLayer, taken: readonly string[]): PlacedLayer {
  return { name, path, component, linked, inputs: taken, from: taken }
}

function unknown(layer: NamedLayer): PlacedLayer {
  return { ...placed(layer, []), component: undefined, linked: false }
}

/** A model, after the layers inside it, without what it takes. */
function withInner(layer: NamedLayer, report: ReportProblem): PlacedLayer[] {
  const { name, path, component, layers } = layer
  const inputs = innerInputs(component) ?? []
  const open = component?.doubts.has('inputs') === true || layers.some(isNameless)
  const inside = placeLayers({ layers, path: [...path, 'layers'], inputs, open }, report)
  const renamed = (inner: string): string =>
    inputs.includes(inner) ? givenAs(name, inner) : `${name}/${inner}`
  const output = innerOutput(layer, [...inputs, ...inside.map((inner) => inner.name)], report)
  return [
    ...inside.map((inner) => ({
      ...inner,
      name: renamed(inner.name),
      component: component?.config['trainable'] === false ? frozen(inner.component) : inner.component,
      inputs: inner.inputs.map(renamed),
      shares: inner.shares === undefined ? undefined : renamed(inner.shares),
      model: inner.model === undefined ? name : renamed(inner.model),
    })),
    { ...placed(layer, []), inputs: output === undefined ? [] : [renamed(output)] },
  ]
}

/** Tells that a layer may have another name than the one known. */
export function isNameless({ component, name }: LayerDraft): boolean {
  return name === undefined && component?.doubts.has('name') === true
}

/** The names of the inputs of a model inside the model; undefined for other layers. */
function innerInputs(component: ComponentDraft | undefined): readonly string[] | undefined {
  if (component?.config.type !== 'model') return undefined
  const { inputs } = component.config
  return Array.isArray(inputs) ? inputs.map(String) : ['input']
}

/** Stands for what a model is given for its input, until that is known; no name looks like it. */
function givenAs(model: string, input: string): string {
  return `${model}:${input}`
}

function innerOutput(
  { path, component, layers }: NamedLayer,
  names: readonly string[],
  report: ReportProblem,
): string | undefined {
  const output = component?.config['outputs']
  if (typeof output !== 'string') return layers.length > 0 ? names.at(-1) : undefined
  if (names.includes(output)) return output
  const message = `no layer is named "${output}"`
  report({ code: 'unknown-output', path: [...path, 'outputs'], message, hint: whichOf(output, names) })
  return undefined
}

/** The same component of a layer that is not trained. */
export function frozen(component: ComponentDraft | undefined): ComponentDraft | undefined {
  return component && { ...component, config: { ...component.config, trainable: false } }
}

/** The layers that a shared layer stands for, with its name in place of the name of their owner. */
function copiesOf(layer: NamedLayer, owners: readonly PlacedLayer[], report: ReportProblem): PlacedLayer[] {
  const { name, path, component, linked } = layer
  const target = component?.config['with']
  if (typeof target !== 'string') return [unknown(layer)]
  const owner = owners.find((one) => one.name === target)
  if (owner === undefined) {
    const hint = whichOf(
      target,
      owners.map((one) => one.name),
    )
    const message = `no layer or model that is not shared itself is named "${target}"`
    report({ code: 'dangling-from', path: [...path, 'with'], message, hint })
    return [unknown(layer)]
  }
  if (component?.config['trainable'] === false) {
    const message = `its weights are those of "${target}"`
    const hint = `write \`trainable: false\` in "${target}"`
    report({ code: 'options', path: [...path, 'trainable'], message, hint })
  }
  const inner = owners.filter((one) => one.name.startsWith(`${target}/`))
  const renamed = (one: string): string =>
    one === target || one.startsWith(`${target}/`) || one.startsWith(`${target}:`)
      ? `${name}${one.slice(target.length)}`
      : one
  return [...inner, { ...owner, linked }].map((one) => ({
    ...one,
    name: renamed(one.name),
    path,
    inputs: one.inputs.map(renamed),
    shares: one.shares ?? one.name,
    model: one.model === undefined ? undefined : renamed(one.model),
  }))
}

/** Gives a layer, or the layers of a model, what it takes. */
function linked(
  group: readonly PlacedLayer[],
  { name, path, linked: isLinked }: NamedLayer,
  taken: readonly string[],
  report: ReportProblem,
): readonly PlacedLayer[] {
  const head = group.at(-1)
  const inputs = innerInputs(head?.component)
  if (inputs === undefined) return group.map((layer) => ({ ...layer, inputs: taken, from: taken }))
  if (isLinked && taken.length !== inputs.length) {
    report({
      code: 'arity',
      path,
      message: `the model "${name}" takes ${inputs.length === 1 ? 'one input' : `the inputs ${inputs.join(', ')}`}, got ${taken.length}`,
      hint: 'name its inputs in the order of `from`, as in `inputs: [left, right]`',
    })
  }
  const given = new Map(inputs.map((input, i) => [givenAs(name, input), taken[i] ?? '']))
  return group.map((layer) => ({
    ...layer,
    inputs: layer.inputs.map((input) => given.get(input) ?? input),
    ...(layer === head && { from: taken }),
  }))
}
