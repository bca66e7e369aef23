import * as z from 'zod'

import { familyOf } from '../../registry.ts'
import type { Component, Family } from '../../registry.ts'
import { families } from '../../components/families.ts'
import { once } from '../../once.ts'
import { specSchema } from './spec.ts'

/** A JSON Schema, or a part of one, as plain data. */
export type JsonSchema = {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly patternProperties?: Readonly<Record<string, JsonSchema | true>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly [keyword: string]: unknown
}

/** The JSON Schema of a config file: editors complete and check with it. Each family of components is a definition. */
export const configJsonSchema = once((): JsonSchema => {
  const { properties, $defs, ...schema } = jsonSchemaOf(specSchema())
  const model = properties?.['model'] ?? {}
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'nnlab.schema.json',
    title: 'nnlab config',
    ...schema,
    // What an extending config leaves out stands in its base.
    anyOf: [{ required: schema.required ?? [] }, { required: ['extends'] }],
    required: [],
    properties: {
      extends: {
        description: 'Configs to inherit from, by paths from this file; of several, later ones win',
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
      },
      ...properties,
      // The layers may be those of another model.
      model: { ...model, anyOf: [{ required: model.required ?? [] }, { required: ['from'] }], required: [] },
    },
    patternProperties: { '^x-': true },
    $defs: {
      ...$defs,
      ...Object.fromEntries([...families].map(([name, family]) => [name, familySchema(family)])),
    },
  }
})

/** One branch a member: its bare name where it needs no options, or a map. */
function familySchema(family: Family<Component>): JsonSchema {
  const members = family.members.map((member): JsonSchema => ({
    description: member.summary,
    ...jsonSchemaOf(family.schemaOf(member)),
  }))
  const bare = members.filter(({ required = [] }) => required.every((key) => key === 'type'))
  const names = bare.map(({ properties }) => properties?.['type']?.const)
  if (names.length === 0) return { anyOf: members }
  return { anyOf: [{ description: 'A name, with the defaults of its options', enum: names }, ...members] }
}

/** The JSON Schema of one part of a config. */
export function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  const converted = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override({ zodSchema, jsonSchema }) {
      const family = familyOf(zodSchema)
      if (family !== undefined) jsonSchema.$ref = `#/$defs/${family.name}`
      // zod leaves out defaults of what it transforms.
      const { def } = zodSchema._zod
      if (def.type === 'default' && 'defaultValue' in def) jsonSchema.default ??= plain(def.defaultValue)
      // The bounds of whole numbers that a double can hold say nothing to a reader.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (def.type === 'literal' && jsonSchema.const !== undefined) delete jsonSchema.type
    },
  })
  const { $schema: _, ...rest } = converted
  // zod's type of a JSON Schema is looser than what it is: plain data.
  return rest as JsonSchema
}

/** A default as JSON holds it. */
function plain(value: unknown): null | string | number | boolean | undefined {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain || value === null ? value : undefined
}
