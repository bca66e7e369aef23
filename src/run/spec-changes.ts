import { formatPath } from '../diagnostic.ts'
import type { ConfigPath } from '../diagnostic.ts'

/** A key whose value differs between specs, with the value of each; undefined where one lacks it. */
export type SpecDifference = { readonly path: string; readonly values: readonly unknown[] }

/** Differences between specs, key by key. */
export function specDifferences(specs: readonly unknown[], path: ConfigPath = []): SpecDifference[] {
  const present = specs.filter((spec) => spec !== undefined)
  const isArray = Array.isArray(present[0])
  const children = specs.map(childrenOf)
  const alike = present.every((spec) => childrenOf(spec) !== undefined && Array.isArray(spec) === isArray)
  if (alike && present.length > 1) {
    return [...new Set(children.flatMap((one) => [...(one?.keys() ?? [])]))].flatMap((key) =>
      specDifferences(
        children.map((one) => one?.get(key)),
        [...path, isArray ? Number(key) : key],
      ),
    )
  }
  if (new Set(specs.map((spec) => JSON.stringify(spec))).size < 2) return []
  return [{ path: formatPath(path), values: specs }]
}

/** A key whose value differs between two specs; undefined where one lacks it. */
export type SpecChange = { readonly path: string; readonly before: unknown; readonly after: unknown }

/** Differences between two specs, key by key. */
export function specChanges(before: unknown, after: unknown): SpecChange[] {
  return specDifferences([before, after]).map(({ path, values }) => ({
    path,
    before: values[0],
    after: values[1],
  }))
}

/** Every value of a spec that holds no others, by its path. */
export function leavesOf(spec: unknown, path: ConfigPath = []): [path: string, value: unknown][] {
  const children = childrenOf(spec)
  if (children === undefined || children.size === 0) return [[formatPath(path), spec]]
  return [...children].flatMap(([key, value]) =>
    leavesOf(value, [...path, Array.isArray(spec) ? Number(key) : key]),
  )
}

/** Keys that may change when a run is resumed: they decide how long it continues and what is kept, not what was done. */
const FREE =
  /^(name|data\.memory|fit\.(epochs|threads|train_time_budget|callbacks\[\d+\]\.patience)|checkpoint\.(every|keep|best))$/
/** Keys that are judged by their effect: the contents of the data, the engine that is used. */
const JUDGED = /^(data\.(path|folder|images|labels)|fit\.(engine|arithmetic))$/

/** True for a key that is judged by its effect, which the record of a run tells. */
export function isJudged(path: string): boolean {
  return JUDGED.test(path)
}

/** True for a change that would make what was trained already another run. */
export function changesThePast({ path }: SpecChange): boolean {
  return !FREE.test(path) && !isJudged(path)
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
