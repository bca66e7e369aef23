import type * as z from 'zod'

import type { ConfigPath } from '../../diagnostic.ts'
import { canonical, nearest } from '../../nearest.ts'
import { article } from '../../registry.ts'
import { families } from '../../components/families.ts'
import { componentForOther, keyForOther } from './other-names.ts'
import { optionsAt } from '../schema/keys.ts'
import { specSchema } from '../schema/spec.ts'

/** The most names that a hint lists. */
const mostNames = 16

/** The key that an unknown one stands for, where that is plain, and what to say of it. */
export function hintForKey(
  key: string,
  known: readonly string[],
  atTop: boolean,
): { meant?: string; hint?: string } {
  const same = known.find((candidate) => canonical(candidate) === canonical(key))
  const other = same ?? keyForOther(key, known)
  if (other !== undefined) {
    return known.includes(other) ? { meant: other, hint: `did you mean "${other}"?` } : { hint: other }
  }
  const section = atTop ? sectionOf(key) : undefined
  if (section !== undefined)
    return { hint: `it belongs into the section ${section}: write ${section}.${key}` }
  const close = nearest(key, known)
  if (close !== undefined) return { meant: close, hint: `did you mean "${close}"?` }
  const home = sectionOf(key)
  if (home !== undefined) return { hint: `it belongs into the section ${home}: write ${home}.${key}` }
  return known.length === 0 ? {} : { hint: `the keys here are: ${known.join(', ')}` }
}

let sections: ReadonlyMap<string, string> | undefined

/** The section that has a key of this name. */
function sectionOf(key: string): string | undefined {
  sections ??= sectionsByKey()
  return sections.get(key)
}

function sectionsByKey(): Map<string, string> {
  const schema = specSchema()
  const names = Object.keys(schema.shape).toReversed()
  return new Map(
    names.flatMap((section) =>
      Object.keys(optionsAt(schema, {}, [section])).map((key): [string, string] => [key, section]),
    ),
  )
}

/** For a name that no member of a family has, or for none at all. */
export function hintForName(familyName: string, name?: string): string | undefined {
  const family = families.get(familyName)
  if (family === undefined) return undefined
  const names = family.members.map(({ type }) => type)
  if (name !== undefined) {
    const other = componentForOther(familyName, name, names)
    if (other !== undefined) return other.includes(' ') ? other : `did you mean "${other}"?`
    const elsewhere = [...families.values()].find((candidate) => candidate !== family && candidate.find(name))
    const member = elsewhere?.find(name)
    if (elsewhere && member) {
      return familyName === 'layers' && elsewhere.name === 'activations'
        ? `it is an activation: write {type: activation, activation: ${member.type}}`
        : `it is ${article(elsewhere.singular)}, not ${article(family.singular)}`
    }
    const close = nearest(name, [...names, ...family.members.flatMap(({ aliases = [] }) => aliases)])
    if (close !== undefined) return `did you mean "${close}"?`
  }
  if (names.length <= mostNames) return `use one of: ${names.join(', ')}`
  const list = `\`nnlab explain ${familyName}\` lists all ${names.length}`
  return name === undefined ? `add its type, as in {type: ${names[0]}}; ${list}` : list
}

/** For a value of the wrong type or out of range. */
export function hintForValue(
  issue: z.core.$ZodIssue | { values: readonly unknown[] },
  path: ConfigPath,
  value: unknown,
): string | undefined {
  if ('values' in issue) {
    const values = issue.values.map(String)
    const close = typeof value === 'string' ? nearest(value, values) : undefined
    return close === undefined ? `use one of: ${values.join(', ')}` : `did you mean "${close}"?`
  }
  if (issue.code === 'too_big' && fractions.has(String(path.at(-1))) && typeof value === 'number') {
    return value >= 2 && value <= 100 ? `it is a fraction: ${value / 100} is ${value} %` : undefined
  }
  if (issue.code !== 'invalid_type') return undefined
  if (value === null) return 'write a value after the colon, or remove the key'
  if (issue.expected === 'boolean') return 'write true or false'
  if (issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return `text that looks like something else needs quotes: "${value}"`
  }
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) {
    return `remove the quotes: ${value.trim()}`
  }
  if (issue.expected === 'array' && isScalar(value)) {
    return path.at(-1) === 'type' ? `write a list, not a map: [${value}]` : `write it in brackets: [${value}]`
  }
  const glued = typeof value === 'string' ? /^([\w-]+):(\S+)$/.exec(value) : null
  if (glued && (issue.expected === 'object' || issue.expected === 'record')) {
    return `a space is missing after the colon: write \`${glued[1]}: ${glued[2]}\``
  }
  return undefined
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

const fractions: ReadonlySet<string> = new Set(['validation', 'test', 'rate', 'momentum'])
