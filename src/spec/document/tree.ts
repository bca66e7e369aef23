import type { ConfigPath } from '../../diagnostic.ts'
import type { Span } from './source.ts'

/**
 * A config value that knows where it was written. `span` is what to underline when the value is wrong: the value
 * itself, or the key of one that is empty or fills lines of its own. Nodes are shared (by aliases) and never change.
 */
export type ConfigNode = MapNode | ListNode | ScalarNode
export type MapNode = {
  readonly kind: 'map'
  readonly span: Span
  readonly entries: ReadonlyMap<string, MapEntry>
}
export type MapEntry = { readonly key: Span; readonly value: ConfigNode }
export type ListNode = { readonly kind: 'list'; readonly span: Span; readonly items: readonly ConfigNode[] }
export type ScalarNode = {
  readonly kind: 'scalar'
  readonly span: Span
  readonly value: unknown
  /** True for `null` and `~`, as opposed to an empty value. */
  readonly isNull?: boolean
}

export type Data = Readonly<Record<string, unknown>>

export function mapData(node: MapNode): Data {
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, nodeData(value)]))
}

function nodeData(node: ConfigNode): unknown {
  if (node.kind === 'map') return mapData(node)
  return node.kind === 'list' ? node.items.map(nodeData) : node.value
}

/** The end of a path: the deepest node that exists on it, the key that holds that node, and whether it is the path's end. */
export type TreePlace = {
  readonly node: ConfigNode
  readonly key: Span | undefined
  readonly complete: boolean
}

export function follow(root: ConfigNode, path: ConfigPath): TreePlace {
  let node = root
  let key: Span | undefined
  for (const step of path) {
    const next = child(node, step)
    if (!next) return { node, key, complete: false }
    node = next.value
    key = next.key
  }
  return { node, key, complete: true }
}

function child(node: ConfigNode, step: string | number): { value: ConfigNode; key?: Span } | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))
  const item = node.kind === 'list' ? node.items[Number(step)] : undefined
  return item && { value: item }
}

/**
 * One config over another: maps merge key by key, but a component of another type, a list or a value replaces, and a
 * written null drops the key.
 */
export function mergeNodes(base: MapNode, over: MapNode): MapNode {
  const entries = new Map(base.entries)
  for (const [name, entry] of over.entries) {
    const below = entries.get(name)?.value
    const value = entry.value
    if (below && isNull(value)) {
      entries.delete(name)
      continue
    }
    const merged =
      below?.kind === 'map' && value.kind === 'map' && !otherType(below, value)
        ? mergeNodes(below, value)
        : value
    entries.set(name, { key: entry.key, value: merged })
  }
  return { ...over, entries }
}

/** Tells a written null. */
export function isNull(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.isNull === true
}

function otherType(base: MapNode, over: MapNode): boolean {
  const [before, after] = [base, over].map((map) => map.entries.get('type')?.value)
  return after !== undefined && !(before && nodeData(before) === nodeData(after))
}

/** `a map`, `a list`, `the string "adam"`, `20`: for messages. */
export function describe(node: ConfigNode): string {
  if (node.kind === 'map') return 'a map'
  if (node.kind === 'list') return 'a list'
  if (typeof node.value === 'number' || typeof node.value === 'boolean') return `${node.value}`
  if (typeof node.value !== 'string') return 'nothing'
  return node.value.length > 40 ? 'a long string' : `the string ${JSON.stringify(node.value)}`
}
