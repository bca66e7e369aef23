import { configJsonSchema } from './json-schema.ts'

/** Options of fewer characters are written again for each component that has them. */
const LEAST_SHARED = 70

/** Lists and maps that fit into a line are written in one. */
const LINE_WIDTH = 120

/** Writes the JSON Schema of a config, in which options that components share are definitions. */
export function schemaDocument(): string {
  const schema = configJsonSchema()
  const sharing = new Sharing(schema)
  const shared = sharing.refer(schema)
  const $defs = { ...(isMap(shared['$defs']) && shared['$defs']), ...sharing.definitions }
  return `${layOut({ ...shared, $defs }, '')}\n`
}

type JsonMap = Readonly<Record<string, unknown>>

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Options that several maps of a schema have, each as a definition named after the first of them. */
class Sharing {
  readonly definitions: Record<string, unknown> = {}
  readonly #names = new Map<string, string>()

  constructor(schema: JsonMap) {
    const first = new Map<string, string>()
    const taken = new Set<string>()
    for (const { path, identity } of optionsIn(schema, '')) {
      const known = first.get(identity)
      // A layer and an activation of one name may have options of one name.
      const name = known ?? (taken.has(path) ? `${path}.${taken.size}` : path)
      first.set(identity, name)
      taken.add(name)
      if (known !== undefined && identity.length >= LEAST_SHARED) this.#names.set(identity, name)
    }
  }

  /** The same schema with references in place of shared options. */
  refer(value: JsonMap): JsonMap
  refer(value: unknown): unknown
  refer(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item: unknown) => this.refer(item))
    if (!isMap(value)) return value
    const { description, ...rest } = value
    const isSaid = description === undefined || description === typeSchemaOf(value)?.['description']
    const entries = Object.entries(isSaid ? rest : value).map(([key, inner]) => [
      key,
      key === 'properties' && isMap(inner) ? this.#referOptions(inner) : this.refer(inner),
    ])
    return Object.fromEntries(entries)
  }

  #referOptions(options: JsonMap): JsonMap {
    const entries = Object.entries(options).map(([key, option]): [string, unknown] => {
      const name = this.#names.get(identityOf(key, option))
      if (name === undefined) return [key, this.refer(option)]
      this.definitions[name] ??= this.refer(option)
      return [key, { $ref: `#/$defs/${name}` }]
    })
    return Object.fromEntries(entries)
  }
}

type SchemaOption = { path: string; identity: string }

/** All options of the maps in a schema, inner ones included. */
function* optionsIn(value: unknown, path: string): Generator<SchemaOption> {
  if (Array.isArray(value)) for (const item of value) yield* optionsIn(item, path)
  if (!isMap(value)) return
  const type = typeSchemaOf(value)?.['const']
  const place = typeof type === 'string' ? type : path
  for (const [key, inner] of Object.entries(value)) {
    const isNamed = (key === 'properties' || key === '$defs') && isMap(inner)
    if (!isNamed) yield* optionsIn(inner, place)
    else {
      for (const [name, option] of Object.entries(inner)) {
        const at = place === '' ? name : `${place}.${name}`
        if (key === 'properties' && name !== 'type') yield { path: at, identity: identityOf(name, option) }
        yield* optionsIn(option, at)
      }
    }
  }
}

function identityOf(key: string, option: unknown): string {
  return `${key}: ${JSON.stringify(option)}`
}

/** The schema of the key `type` of a component, which has its name and its summary. */
function typeSchemaOf({ properties }: JsonMap): JsonMap | undefined {
  const type = isMap(properties) ? properties['type'] : undefined
  return isMap(type) && typeof type['const'] === 'string' ? type : undefined
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
