import type * as z from 'zod'

import { DataSpec } from '../schema/data.ts'
import { isRule } from '../../rule.ts'
import { mapOf } from './draft.ts'
import { hintForKey } from './hints.ts'
import { optionsAt } from '../schema/keys.ts'
import type { Data } from '../document/tree.ts'

type Issue = z.core.$ZodIssue

/** The data section as far as it is valid. */
export type DataDraft = {
  /** Without its invalid keys; undefined where it makes no sense without them, or where they say which columns are what. */
  readonly data: DataSpec | undefined
  /** Whether rows are set aside for validation; undefined where a mistake may be about that. */
  readonly split: DataSpec['split'] | undefined
}

/** What can be said of a section that may not be valid as a whole, and which rules across its keys are broken all the same. */
export function readData(section: unknown): DataDraft & { readonly broken: readonly Issue[] } {
  const written = mapOf(section)
  const known = Object.keys(optionsAt(DataSpec, written, []))
  const rest: Record<string, unknown> = { ...written }
  const removed = new Set<string>()
  const doubts = new Set<string>()
  const broken: Issue[] = []
  for (;;) {
    const result = DataSpec.safeParse(rest)
    if (result.success) {
      const { data } = result
      const isAboutColumns = [...doubts].some((key) => aboutColumns.has(key))
      return {
        data: isAboutColumns ? undefined : data,
        split: doubts.has('split') ? undefined : data.split,
        broken,
      }
    }
    const { issues } = result.error
    const mistakes = issues.filter((issue) => !isRule(issue))
    // A rule says something only of keys that are right by themselves.
    const found = mistakes.length > 0 ? mistakes : issues
    if (mistakes.length === 0)
      broken.push(...issues.filter((issue) => keysOf(issue).every((key) => !doubts.has(key))))
    const keys = found.flatMap(keysOf).filter((key) => !removed.has(key))
    if (keys.length === 0) return { data: undefined, split: undefined, broken }
    for (const key of keys) {
      removed.add(key)
      Reflect.deleteProperty(rest, key)
      for (const meant of standsFor(key, known, written)) doubts.add(meant)
    }
    for (const [key, others] of Object.entries(needed)) {
      const isGiven = [key, ...others].some((one) => rest[one] !== undefined)
      if (known.includes(key) && doubts.has(key) && !isGiven) rest[key] = 'unknown'
    }
  }
}

/** What a section cannot be read without, and what may be there in place of it: a text stands in for it. */
const needed: Readonly<Record<string, readonly string[]>> = {
  path: [],
  target: ['targets'],
  folder: ['images', 'labels'],
}

/** The keys of the section that an issue is about. */
function keysOf(issue: Issue): string[] {
  const [first] = issue.path.map(String)
  if (first !== undefined) return [first]
  if (issue.code === 'unrecognized_keys') return issue.keys
  const about: unknown = issue.code === 'custom' ? issue.params?.['about'] : undefined
  return Array.isArray(about) ? about.map(String) : ['type']
}

/** The key itself, the one that it resembles, or, for one that resembles none, all that are not written. */
function standsFor(key: string, known: readonly string[], written: Data): string[] {
  if (known.includes(key)) return [key]
  const { meant } = hintForKey(key, known, false)
  return meant === undefined ? known.filter((one) => written[one] === undefined) : [meant]
}

const aboutColumns: ReadonlySet<string> = new Set([
  'type',
  'inputs',
  'targets',
  'target',
  'features',
  'columns',
  'window',
])
