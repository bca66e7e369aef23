import { DataSpec } from './data.ts'
import { mapOf } from './draft.ts'
import { hintForKey } from './hints.ts'
import { optionsAt } from './keys.ts'
import type { Data } from './tree.ts'

/** The data section as far as it is valid. */
export type DataDraft = {
  /** Without its invalid keys; undefined where it makes no sense without them, or where they say which columns are what. */
  readonly data: DataSpec | undefined
  /** Whether rows are set aside for validation; undefined where a mistake may be about that. */
  readonly split: DataSpec['split'] | undefined
}

/** What can be said of a section that may not be valid as a whole. */
export function readData(section: unknown): DataDraft {
  const result = DataSpec.safeParse(section)
  if (result.success) return { data: result.data, split: result.data.split }
  const written = mapOf(section)
  const rest: Record<string, unknown> = { ...written }
  const doubts = new Set<string>()
  for (const issue of result.error.issues) {
    const [first] = issue.path.map(String)
    const keys = first === undefined && issue.code === 'unrecognized_keys' ? issue.keys : [first ?? 'type']
    for (const key of keys) {
      delete rest[key]
      for (const meant of standsFor(key, written)) doubts.add(meant)
    }
  }
  const { data } = DataSpec.safeParse(rest)
  return {
    data: [...doubts].some((key) => aboutColumns.has(key)) ? undefined : data,
    split: doubts.has('split') ? undefined : data?.split,
  }
}

/** The key itself, the one that it resembles, or, for one that resembles none, all that are not written. */
function standsFor(key: string, written: Data): string[] {
  const known = Object.keys(optionsAt(DataSpec, written, []))
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
