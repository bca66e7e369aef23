import type { ConfigPath, Problem } from '../diagnostic.ts'
import { nearest } from '../nearest.ts'
import { unsure } from '../registry.ts'
import type { ComponentConfig } from '../registry.ts'
import type { LayerDraft } from '../spec/schema/model.ts'

/** A layer with the name by which others refer to it. */
export type Place = {
  readonly index: number
  readonly name: string
  readonly config: ComponentConfig | undefined
  /** As it is written; undefined for the layer before it. */
  readonly from: unknown
  /** Whether it is known what it takes. */
  readonly linked: boolean
}

export type Report = (problem: Omit<Problem, 'severity'>) => void

/** Layers without a name get their type, then type_1, type_2 ... as in Keras. */
export function nameLayers(
  drafts: readonly LayerDraft[],
  inputs: readonly string[],
  report: Report,
): Place[] {
  const given = drafts.map(({ config, name }) => config?.['name'] ?? name)
  const taken = new Set<unknown>([...inputs, ...given])
  const seen = new Map(inputs.map((name) => [name, 'an input']))
  const counts = new Map<string, number>()
  return drafts.map((draft, index) => {
    const { config } = draft
    const from = config ? config['from'] : draft.from
    const chosen = given[index]
    const name = typeof chosen === 'string' ? chosen : defaultName(config?.type ?? 'layer', taken, counts)
    const other = seen.get(name)
    if (other !== undefined) {
      const path = ['model', 'layers', index, 'name']
      const hint = 'give each layer a name of its own'
      report({ code: 'duplicate-name', path, message: `"${name}" already names ${other}`, hint })
    }
    // A name that is taken must not link its layer to the other one.
    const own = other === undefined ? name : `${name}#${index}`
    seen.set(own, `layer ${index + 1}`)
    taken.add(own)
    const linked = isLink(from) && !config?.[unsure]?.has('from')
    return { index, name: own, config, from, linked }
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

/** What the layers of a model may take: the inputs, and whether other names than the known ones may exist. */
type Sources = { readonly inputs: readonly string[]; readonly open: boolean }

/** The names of what each layer takes: those in its `from`, else the layer before it. */
export function linkLayers(
  places: readonly Place[],
  { inputs, open }: Sources,
  report: Report,
): Map<string, string[]> {
  const names = [...inputs, ...places.map(({ name }) => name)]
  const links = new Map<string, string[]>()
  let before = inputs.length === 1 && !open ? inputs[0] : undefined
  for (const { index, name, from, linked } of places) {
    const path: ConfigPath = ['model', 'layers', index]
    if (linked && from !== undefined) {
      links.set(name, [from].flat().map(String))
      if (!open) reportDangling(from, [...path, 'from'], names, report)
    } else if (linked && before !== undefined) links.set(name, [before])
    else if (linked && inputs.length > 1) {
      const hint = `say \`from: ${inputs[0]}\`; the inputs are ${inputs.join(', ')}`
      report({ code: 'from', path, message: 'which input does the first layer take?', hint })
    }
    before = name
  }
  return links
}

function reportDangling(from: unknown, path: ConfigPath, names: readonly string[], report: Report): void {
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

/** For a name that nothing has. */
export function whichOf(name: string, names: readonly string[]): string {
  const close = nearest(name, names)
  if (close !== undefined) return `did you mean "${close}"?`
  const shown = names.slice(0, 12).join(', ')
  return `there are: ${shown}${names.length > 12 ? ', ...' : ''}`
}

/** Layers after all that they take; a cycle is reported at the layer that closes it. */
export function sortLayers(
  places: readonly Place[],
  links: ReadonlyMap<string, readonly string[]>,
  report: Report,
): Place[] {
  const byName = new Map(places.map((place) => [place.name, place]))
  const sorted: Place[] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const start of places) {
    const trail: { place: Place; next: number }[] = []
    const enter = (place: Place): void => {
      if (state.get(place.name) === 'open')
        reportCycle(
          place,
          trail.map((step) => step.place.name),
          report,
        )
      if (state.has(place.name)) return
      state.set(place.name, 'open')
      trail.push({ place, next: 0 })
    }
    enter(start)
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const sources = links.get(step.place.name) ?? []
      if (step.next < sources.length) {
        const source = byName.get(sources[step.next++] ?? '')
        if (source !== undefined) enter(source)
      } else {
        state.set(step.place.name, 'done')
        sorted.push(step.place)
        trail.pop()
      }
    }
  }
  return sorted
}

function reportCycle({ index, name }: Place, trail: readonly string[], report: Report): void {
  const cycle = [...trail.slice(trail.indexOf(name)), name]
  report({
    code: 'cycle',
    path: ['model', 'layers', index, 'from'],
    message: cycle.length === 2 ? `"${name}" takes its own output` : `a cycle: ${cycle.join(' takes ')}`,
    hint: 'a layer cannot take what depends on its own output',
  })
}
