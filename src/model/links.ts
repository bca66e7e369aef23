import type { ConfigPath, Problem } from '../diagnostic.ts'
import { nearest } from '../nearest.ts'
import type { ComponentDraft, LayerDraft } from '../spec/check/draft.ts'

/** A layer with the name by which others refer to it. */
export type NamedLayer = {
  /** Its place in the config. */
  readonly path: ConfigPath
  readonly name: string
  /** Undefined where its type is not known. */
  readonly component: ComponentDraft | undefined
  /** As it is written; undefined for the layer before it. */
  readonly from: unknown
  /** True where the layers that it takes are known. */
  readonly linked: boolean
  /** Those of a model inside the model. */
  readonly layers: readonly LayerDraft[]
}

export type ReportProblem = (problem: Omit<Problem, 'severity'>) => void

/** Layers without a name get their type, then type_1, type_2 ... as in Keras. */
export function nameLayers(
  drafts: readonly LayerDraft[],
  inputs: readonly string[],
  list: ConfigPath,
  report: ReportProblem,
): NamedLayer[] {
  const given = drafts.map(({ component, name }) => component?.config['name'] ?? name)
  const taken = new Set<unknown>([...inputs, ...given])
  const seen = new Map(inputs.map((name) => [name, 'an input']))
  const counts = new Map<string, number>()
  return drafts.map((draft, index) => {
    const { component } = draft
    const from = component ? component.config['from'] : draft.from
    const chosen = given[index]
    const type = component?.config.type ?? 'layer'
    const name = typeof chosen === 'string' ? chosen : defaultName(type, taken, counts)
    const other = seen.get(name)
    if (other !== undefined) {
      report({
        code: 'duplicate-name',
        path: [...list, index, 'name'],
        message: `"${name}" already names ${other}`,
        hint: `give each layer a name of its own; to apply one twice, with the same weights: {type: shared, with: ${name}}`,
      })
    }
    // A name that is taken must not link its layer to the other one.
    const own = other === undefined ? name : `${name}#${index}`
    seen.set(own, `layer ${index + 1}`)
    taken.add(own)
    const linked = isLink(from) && component?.doubts.has('from') !== true
    const { layers = [] } = draft
    return { path: [...list, index], name: own, component, from, linked, layers }
  })
}

function isLink(from: unknown): boolean {
  return from === undefined || [from].flat().every((source) => typeof source === 'string')
}

function defaultName(type: string, taken: ReadonlySet<unknown>, counts: Map<string, number>): string {
  let count = counts.get(type) ?? 0
  const nth = (n: number): string => (n === 0 ? type : `${type}_${n}`)
  while (taken.has(nth(count))) count += 1
  counts.set(type, count + 1)
  return nth(count)
}

/** The inputs and layers that layers may take, and whether names may exist that are not known. */
type LinkTargets = {
  readonly inputs: readonly string[]
  /** Layers, those inside models too. */
  readonly names: readonly string[]
  readonly open: boolean
}

/** The names that each layer takes: those in its `from`, else the layer before it. */
export function linkLayers(
  layers: readonly NamedLayer[],
  { inputs, names, open }: LinkTargets,
  report: ReportProblem,
): Map<string, string[]> {
  const known = [...inputs, ...names]
  const links = new Map<string, string[]>()
  let before = inputs.length === 1 && !open ? inputs[0] : undefined
  for (const { path, name, from, linked } of layers) {
    if (linked && from !== undefined) {
      links.set(name, [from].flat().map(String))
      if (!open) reportDangling(from, [...path, 'from'], known, report)
    } else if (linked && before !== undefined) links.set(name, [before])
    else if (linked && inputs.length > 1) {
      const hint = `write \`from: ${inputs[0]}\`; the inputs are ${inputs.join(', ')}`
      report({ code: 'from', path, message: 'the first layer must choose one of several inputs', hint })
    }
    before = name
  }
  return links
}

function reportDangling(
  from: unknown,
  path: ConfigPath,
  names: readonly string[],
  report: ReportProblem,
): void {
  const sources = [from].flat().map(String)
  for (const [position, source] of sources.entries()) {
    if (names.includes(source)) continue
    report({
      code: 'dangling-from',
      path: Array.isArray(from) ? [...path, position] : path,
      message: `no input or layer is named "${source}"`,
      hint: whichOf(source, names),
    })
  }
}

/** The hint for a name that nothing has. */
export function whichOf(name: string, names: readonly string[]): string {
  const close = nearest(name, names)
  if (close !== undefined) return `did you mean "${close}"?`
  const shown = names.slice(0, 12).join(', ')
  return `there are: ${shown}${names.length > 12 ? ', ...' : ''}`
}

type LinkedLayer = Pick<NamedLayer, 'name' | 'path'> & { readonly inputs: readonly string[] }

/** Layers after all that they take; a cycle is reported at the layer that closes it. */
export function sortLayers<L extends LinkedLayer>(layers: readonly L[], report: ReportProblem): L[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]))
  const sorted: L[] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const start of layers) {
    const trail: { layer: L; next: number }[] = []
    const enter = (layer: L): void => {
      if (state.get(layer.name) === 'open')
        reportCycle(
          layer,
          trail.map((step) => step.layer.name),
          report,
        )
      if (state.has(layer.name)) return
      state.set(layer.name, 'open')
      trail.push({ layer, next: 0 })
    }
    enter(start)
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const sources = step.layer.inputs
      if (step.next < sources.length) {
        const source = byName.get(sources[step.next++] ?? '')
        if (source !== undefined) enter(source)
      } else {
        state.set(step.layer.name, 'done')
        sorted.push(step.layer)
        trail.pop()
      }
    }
  }
  return sorted
}

function reportCycle({ path, name }: LinkedLayer, trail: readonly string[], report: ReportProblem): void {
  const cycle = [...trail.slice(trail.indexOf(name)), name]
  report({
    code: 'cycle',
    path: [...path, 'from'],
    message: cycle.length === 2 ? `"${name}" takes its own output` : `a cycle: ${cycle.join(' takes ')}`,
    hint: 'a layer cannot take what depends on its own output',
  })
}
