import { isMap } from '../../registry.ts'
import { configJsonSchema } from './json-schema.ts'

/** Options of fewer characters are written again for each component that has them. */
const LEAST_SHARED = 70

/** Lists and maps that fit into a line are written in one. */
const LINE_WIDTH = 120

/** Writes the JSON Schema of a config; an option that several components share is a definition named after the first. */
export function schemaDocument(): string {
  const { $defs, ...schema } = configJsonSchema()
  const whole = { ...schema, $defs }
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const repeated = new Set<string>()
  const note: Replace = (option, identity, place) => {
    let name = place
    // A layer and an activation of one name may have an option of one name.
    while (taken.has(name)) name += '_'
    if (names.has(identity)) repeated.add(identity)
    else names.set(identity, name)
    taken.add(names.get(identity) ?? name)
    return replaceOptions(option, place, note)
  }
  replaceOptions(whole, '', note)
  const definitions: Record<string, unknown> = {}
  const refer: Replace = (option, identity, place) => {
    const name = names.get(identity) ?? place
    if (!repeated.has(identity) || identity.length < LEAST_SHARED) return replaceOptions(option, place, refer)
    definitions[name] ??= replaceOptions(option, place, refer)
    return { $ref: `#/$defs/${name}` }
  }
  const shared = replaceOptions(schema, '', refer)
  const families = replaceOptions($defs, '', refer)
  const all = { ...(isMap(families) && families), ...definitions }
  return `${layOut({ ...(isMap(shared) && shared), $defs: all }, '')}\n`
}

/** Returns what stands in place of an option; equal options of one name have equal identities. */
type Replace = (option: unknown, identity: string, place: string) => unknown

/** A schema with its options replaced; `place` is the path from the component that it belongs to. */
function replaceOptions(schema: unknown, place: string, replace: Replace): unknown {
  if (Array.isArray(schema)) return schema.map((item: unknown) => replaceOptions(item, place, replace))
  if (!isMap(schema)) return schema
  const options = isMap(schema['properties']) ? schema['properties'] : {}
  const type = isMap(options['type']) ? options['type'] : {}
  const here = typeof type['const'] === 'string' ? type['const'] : place
  const replaced = Object.entries(options).map(([name, option]): [string, unknown] => {
    const at = here === '' ? name : `${here}.${name}`
    return [name, name === 'type' ? option : replace(option, `${name}: ${JSON.stringify(option)}`, at)]
  })
  const entries = Object.entries(schema).map(([key, inner]): [string, unknown] =>
    key === 'properties' ? [key, Object.fromEntries(replaced)] : [key, replaceOptions(inner, here, replace)],
  )
  // The summary of a component is the description of its type.
  return Object.fromEntries(
    entries.filter(([key, inner]) => key !== 'description' || inner !== type['description']),
  )
}

function layOut(value: unknown, indent: string): string {
  const line = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= LINE_WIDTH) return line
  const inner = `${indent} `
  const parts = Array.isArray(value)
    ? value.map((item: unknown) => layOut(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${layOut(item, inner)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`
}
