import * as z from 'zod'

import type { ConfigPath } from '../../diagnostic.ts'
import { families } from '../../components/families.ts'

/** The options, by key, that a schema allows in the map at `path` of the data it was given. */
export function optionsAt(schema: z.ZodType, data: unknown, path: ConfigPath): Shape {
  const shapes = shapesAt(schema, data, path).toReversed()
  return Object.fromEntries(shapes.flatMap((shape) => Object.entries(shape)))
}

export type Shape = Readonly<Record<string, z.core.$ZodType>>

function shapesAt(schema: z.core.$ZodType, data: unknown, path: ConfigPath): readonly Shape[] {
  const inner = unwrap(schema, data)
  if (inner.length !== 1 || inner[0] !== schema)
    return inner.flatMap((branch) => shapesAt(branch, data, path))
  const [key, ...rest] = path
  if (schema instanceof z.ZodObject) {
    if (key === undefined) return [schema.shape]
    const shape: Shape = schema.shape
    const child = shape[String(key)]
    return child === undefined ? [] : shapesAt(child, field(data, key), rest)
  }
  if (key === undefined) return []
  if (schema instanceof z.ZodArray) return shapesAt(schema.element, field(data, key), rest)
  if (schema instanceof z.ZodRecord) return shapesAt(schema.valueType, field(data, key), rest)
  return []
}

/** The schemas of the values, apart from components, that may stand where a schema stands. */
export function alternativesOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const inner = unwrap(schema, undefined)
  return inner.length === 1 && inner[0] === schema ? inner : inner.flatMap(alternativesOf)
}

/** The schemas that a schema stands for, of which `data` tells the member of a family or of a union. */
function unwrap(schema: z.core.$ZodType, data: unknown): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodType) {
    const named = schema.meta()?.['family']
    const family = typeof named === 'string' ? families.get(named) : undefined
    if (family !== undefined) {
      const type = typeof data === 'string' ? data : field(data, 'type')
      const member = typeof type === 'string' ? family.find(type) : undefined
      return member === undefined ? [] : [family.schemaOf(member)]
    }
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const chosen = schema.options.filter((option) => {
      const shape: Shape = option instanceof z.ZodObject ? option.shape : {}
      const type = shape['type']
      return type instanceof z.ZodLiteral && type.value === field(data, 'type')
    })
    return chosen.length > 0 ? chosen : schema.options
  }
  if (schema instanceof z.ZodUnion) return schema.options
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return [schema.unwrap()]
  }
  return [schema]
}

function field(data: unknown, key: string | number): unknown {
  if (typeof data !== 'object' || data === null) return undefined
  return Object.entries(data).find(([name]) => name === String(key))?.[1]
}
