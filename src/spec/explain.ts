import { canonical, nearest } from '../nearest.ts'
import { configJsonSchema } from './schema/json-schema.ts'
import type { JsonSchema } from './schema/json-schema.ts'
import { families } from '../components/families.ts'
import { typeText } from './schema/type-text.ts'

/** The meaning of a key, a component or a family of components. */
export type KeyExplanation = {
  /** As in `fit.batch_size`, `layers.dense` or `losses`. */
  readonly path: string
  readonly description: string
  /** Absent for families. */
  readonly type?: string
  readonly default?: unknown
  readonly required?: boolean
  readonly keys: readonly KeySummary[]
  /** The members of the families that may stand here. */
  readonly members: readonly { readonly name: string; readonly summary: string }[]
}

export type KeySummary = {
  readonly key: string
  readonly type: string
  readonly default?: unknown
  readonly required: boolean
  readonly description: string
}

/** Explains what is found under a path of keys such as `fit.batch_size`, `layers.dense.units` or `optimizer adam`; else a hint. */
export function explain(keyPath: string): {
  readonly found: readonly KeyExplanation[]
  readonly hint?: string
} {
  const root = configJsonSchema()
  const steps = stepsOf(keyPath)
  const found = startsOf(root, steps).flatMap((start) => walk(root, start, steps))
  if (found.length > 0) return { found: found.map((one) => explanationOf(root, one)) }
  const [first = ''] = steps
  const close = nearest(steps.length === 1 ? first : (steps.at(-1) ?? ''), knownWords(root))
  return {
    found: [],
    hint: close === undefined ? 'see `nnlab explain` for the sections' : `did you mean "${close}"?`,
  }
}

/** The keys under a path, those of every component that may stand there included, and whether they have keys themselves. */
export function keysUnder(keyPath: string): { readonly key: string; readonly nested: boolean }[] {
  const root = configJsonSchema()
  const steps = stepsOf(keyPath)
  const places = startsOf(root, steps).flatMap((start) => walk(root, start, steps))
  const maps = places.flatMap(({ schema }) => branches(root, schema))
  const keys = new Map<string, boolean>()
  for (const [key, schema] of maps.flatMap(({ properties = {} }) => Object.entries(properties))) {
    keys.set(key, keys.get(key) === true || branches(root, schema).length > 0)
  }
  return Array.from(keys, ([key, nested]) => ({ key, nested }))
}

/** The members of a family with their options. */
export function explainFamily(name: string): KeyExplanation[] {
  const root = configJsonSchema()
  return membersOf(root, name).map((schema) =>
    explanationOf(root, { path: `${name}.${typeOf(schema)}`, schema, required: false }),
  )
}

/** The keys of a path; indices do not matter. */
function stepsOf(keyPath: string): string[] {
  return keyPath.split(/[.\s[\]]+/).filter((step) => step !== '' && !/^\d+$/.test(step))
}

type SchemaPlace = { readonly path: string; readonly schema: JsonSchema; readonly required: boolean }
type StartPlace = SchemaPlace & { readonly used: number }

/** The places where a path may begin: at a section, a family, a component, or a key of a section. */
function startsOf(root: JsonSchema, [first, second]: readonly string[]): StartPlace[] {
  if (first === undefined) return [{ path: '', schema: root, required: false, used: 0 }]
  const word = canonical(first)
  if (first in (root.properties ?? {})) return [{ path: '', schema: root, required: false, used: 0 }]
  for (const { name, singular } of families.values()) {
    const isFamily = [name, singular].some((candidate) => canonical(candidate) === word)
    if (isFamily) return [{ path: name, schema: { $ref: `#/$defs/${name}` }, required: false, used: 1 }]
  }
  const components = [...families.values()].flatMap((family): StartPlace[] => {
    const type = family.find(first)?.type
    const schema = membersOf(root, family.name).find((member) => typeOf(member) === type)
    return type !== undefined && schema
      ? [{ path: `${family.name}.${type}`, schema, required: false, used: 1 }]
      : []
  })
  if (components.length > 0) return components
  return Object.entries(root.properties ?? {}).flatMap(([section, schema]) =>
    children(root, schema, first).length > 0 && second !== first
      ? [{ path: section, schema, required: false, used: 0 }]
      : [],
  )
}

function walk(root: JsonSchema, { used, ...start }: StartPlace, steps: readonly string[]): SchemaPlace[] {
  let places: SchemaPlace[] = [start]
  for (const step of steps.slice(used)) {
    places = places.flatMap(({ path, schema }) =>
      children(root, schema, step).map((child) => ({
        ...child,
        path: path === '' ? child.path : `${path}.${child.path}`,
      })),
    )
  }
  // A key that several types of data have in common is explained once.
  return [...new Map(places.map((place) => [JSON.stringify([place.path, place.schema]), place])).values()]
}

function children(root: JsonSchema, schema: JsonSchema, step: string): SchemaPlace[] {
  const word = canonical(step)
  return branches(root, schema).flatMap((branch): SchemaPlace[] => {
    if (typeOf(branch) !== undefined && canonical(String(typeOf(branch))) === word) {
      return [{ path: String(typeOf(branch)), schema: branch, required: false }]
    }
    const key = Object.keys(branch.properties ?? {}).find((candidate) => canonical(candidate) === word)
    const child = key === undefined ? undefined : branch.properties?.[key]
    if (key !== undefined && child) {
      return [{ path: key, schema: child, required: branch.required?.includes(key) ?? false }]
    }
    return []
  })
}

/** The maps that may stand where a schema stands: those of its alternatives, of its items and of its references. */
function branches(root: JsonSchema, schema: JsonSchema): readonly JsonSchema[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '')
    return families.has(name) ? membersOf(root, name) : []
  }
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(
    (one) => one.required === undefined || one.properties,
  )
  const inner = [
    schema.items,
    typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined,
  ]
  return [
    ...(schema.properties ? [schema] : []),
    ...[...alternatives, ...inner].flatMap((one) => (one ? branches(root, one) : [])),
  ]
}

function membersOf(root: JsonSchema, family: string): readonly JsonSchema[] {
  return root.$defs?.[family]?.anyOf?.filter(({ properties }) => properties) ?? []
}

function typeOf(schema: JsonSchema): string | undefined {
  const type = schema.properties?.['type']?.const
  return typeof type === 'string' ? type : undefined
}

function explanationOf(root: JsonSchema, { path, schema, required }: SchemaPlace): KeyExplanation {
  const family = families.get(schema.$ref?.replace('#/$defs/', '') ?? '')
  // A list, or a map to such lists, leads to the same members twice.
  const types = [...new Set(branches(root, schema))]
  const own = schema.properties ? schema : types.length === 1 ? types[0] : undefined
  const listed = own ? [] : types.filter((one) => typeOf(one) !== undefined)
  const isFamily = family !== undefined && path === family.name
  return {
    path,
    description: schema.description ?? (family ? `The ${family.name} that a config may name` : ''),
    ...(!isFamily && path !== '' && { type: typeText(schema) }),
    ...(schema.default !== undefined && { default: schema.default }),
    ...(required && { required }),
    keys: own ? keysOf(own) : [],
    members: listed.map((one) => ({
      name: typeOf(one) ?? '',
      summary: one.description ?? one.properties?.['type']?.description ?? '',
    })),
  }
}

function keysOf({ properties = {}, required = [] }: JsonSchema): KeySummary[] {
  return Object.entries(properties).map(([key, schema]) => ({
    key,
    type: typeText(schema),
    ...(schema.default !== undefined && { default: schema.default }),
    required: required.includes(key),
    description: schema.description ?? descriptionIn(schema),
  }))
}

/** zod puts the description of an option that may be null inside. */
function descriptionIn(schema: JsonSchema): string {
  return schema.anyOf?.find(({ description }) => description !== undefined)?.description ?? ''
}

function knownWords(root: JsonSchema): string[] {
  const sections = Object.entries(root.properties ?? {})
  return [
    ...sections.map(([name]) => name),
    ...sections.flatMap(([, schema]) =>
      branches(root, schema).flatMap(({ properties }) => Object.keys(properties ?? {})),
    ),
    ...[...families.values()].flatMap(({ name, members }) => [name, ...members.map(({ type }) => type)]),
  ]
}
