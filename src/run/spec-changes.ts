import { formatPath } from '../diagnostic.ts'
import type { ConfigPath } from '../diagnostic.ts'

/** A key whose value differs between two specs; undefined where one lacks it. */
export type Change = { readonly path: string; readonly before: unknown; readonly after: unknown }

/** What differs between two specs, key by key. */
export function specChanges(before: unknown, after: unknown, path: ConfigPath = []): Change[] {
  const [a, b] = [childrenOf(before), childrenOf(after)]
  if (a !== undefined && b !== undefined && Array.isArray(before) === Array.isArray(after)) {
    return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) =>
      specChanges(a.get(key), b.get(key), [...path, Array.isArray(before) ? Number(key) : key]),
    )
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [{ path: formatPath(path), before, after }]
}

/** What may change between two parts of a run: it decides how long it goes on and what is kept, not what was done. */
const FREE =
  /^(name|data\.memory|fit\.(epochs|threads|train_time_budget|callbacks\[\d+\]\.patience)|checkpoint\.(every|keep|best))$/
/** What is judged by what it leads to: the contents of the data, the engine that is used. */
const JUDGED = /^(data\.(path|folder|images|labels)|fit\.(engine|arithmetic))$/

/** Whether a change would make another run of what was trained already. */
export function changesThePast({ path }: Change): boolean {
  return !FREE.test(path) && !JUDGED.test(path)
}

/** One line a change: `fit.epochs: 20 -> 40`. */
export function renderChanges(changes: readonly Change[]): string {
  const show = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))
  return changes.map(({ path, before, after }) => `  ${path}: ${show(before)} -> ${show(after)}\n`).join('')
}

function childrenOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return new Map(Object.entries(value))
}
