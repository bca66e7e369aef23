import { formatPath } from '../diagnostic.ts'
import type { ConfigPath } from '../diagnostic.ts'

/** A key whose value differs between two specs; undefined where one lacks it. */
export type SpecChange = { readonly path: string; readonly before: unknown; readonly after: unknown }

/** Differences between two specs, key by key. */
export function specChanges(before: unknown, after: unknown, path: ConfigPath = []): SpecChange[] {
  const [a, b] = [childrenOf(before), childrenOf(after)]
  if (a !== undefined && b !== undefined && Array.isArray(before) === Array.isArray(after)) {
    return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) =>
      specChanges(a.get(key), b.get(key), [...path, Array.isArray(before) ? Number(key) : key]),
    )
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [{ path: formatPath(path), before, after }]
}

/** Keys that may change when a run is resumed: they decide how long it continues and what is kept, not what was done. */
const FREE =
  /^(name|data\.memory|fit\.(epochs|threads|train_time_budget|callbacks\[\d+\]\.patience)|checkpoint\.(every|keep|best))$/
/** Keys that are judged by their effect: the contents of the data, the engine that is used. */
const JUDGED = /^(data\.(path|folder|images|labels)|fit\.(engine|arithmetic))$/

/** True for a change that would make what was trained already another run. */
export function changesThePast({ path }: SpecChange): boolean {
  return !FREE.test(path) && !JUDGED.test(path)
}

/** Changes as lines of text: `fit.epochs: 20 -> 40`. */
export function changeLines(changes: readonly SpecChange[]): string[] {
  const show = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))
  return changes.map(({ path, before, after }) => `${path}: ${show(before)} -> ${show(after)}`)
}

function childrenOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return new Map(Object.entries(value))
}
