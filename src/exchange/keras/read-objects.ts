// Objects that Keras serialized, as components of a config.
import { isDeepStrictEqual } from 'node:util'

import * as z from 'zod'

import { familyOf, isMap } from '../../registry.ts'
import type { Component, Family } from '../../registry.ts'
import { shortestFloat32 } from '../shortest-float32.ts'
import { readDefault } from '../../spec/check/read.ts'
import type { WrittenComponent, WrittenOptions } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import { typesIn } from './objects.ts'

export type Json = Readonly<Record<string, unknown>>

/** Options of Keras that say nothing about a model which nnlab can hold. */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  'name',
  'dtype',
  'seed',
  'unroll',
  'reduction',
  'implementation',
  'input_length',
  'jit_compile',
  'input_shape',
  'batch_shape',
  'batch_input_shape',
  'gradient_accumulation_steps',
  // Only with renorm.
  'renorm_momentum',
  'loss_scale_factor',
])

/** The component of a serialized object; undefined where nnlab has none. */
export function readObject(
  family: Family<Component>,
  object: unknown,
  refuse: Refuse,
): WrittenOptions | undefined {
  const { class_name: className, config } = typeof object === 'string' ? bare(object) : named(object)
  const member = family.find(className)
  if (member === undefined) {
    refuse(`${family.singular} ${className}`)
    return undefined
  }
  const options = member.options()
  const written: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(config)) {
    const schema = options[key]
    const refuseKey: Refuse = (what) => void refuse(`${key}: ${what}`)
    if (schema === undefined) {
      if (key === 'trainable') {
        if (value === false && family.name === 'layers') written[key] = false
      } else if (!WITHOUT_MEANING.has(key) && !isNeutral(value)) refuse(`${key}: ${JSON.stringify(value)}`)
      continue
    }
    const read = readValue(schema, value, refuseKey)
    if (!isDefault(schema, read)) written[key] = read
  }
  return { type: member.type, ...(member.fromKeras?.(written) ?? written) }
}

/** A component without options as its bare name. */
export function shorten({ type, ...options }: WrittenOptions): WrittenComponent {
  return Object.keys(options).length === 0 ? type : { type, ...options }
}

function readValue(schema: z.core.$ZodType, value: unknown, refuse: Refuse): unknown {
  const family = typesIn(schema)
    .map(familyOf)
    .find((found) => found !== undefined)
  if (typeof value === 'number') return shortestFloat32(value)
  if (family === undefined || value === null) return value
  const read = readObject(family, value, refuse)
  return read && shorten(read)
}

/** True where a config that leaves the option out means the same. */
function isDefault(schema: z.core.$ZodType, value: unknown): boolean {
  const absent = readDefault(schema)
  if (absent === undefined) return false
  const parsed = z.safeParse(schema, value)
  return parsed.success && isDeepStrictEqual(parsed.data, absent.value)
}

function isNeutral(value: unknown): boolean {
  return value === null || value === false || value === '' || value === 0 || isDeepStrictEqual(value, [])
}

/** A name alone, as Keras has for activations and whatever `compile` was given as a string. */
function bare(name: string): { class_name: string; config: Readonly<Record<string, unknown>> } {
  return { class_name: name, config: {} }
}

function named(object: unknown): { class_name: string; config: Readonly<Record<string, unknown>> } {
  if (!isMap(object) || typeof object['class_name'] !== 'string') return bare(JSON.stringify(object))
  const { class_name, config } = object
  return { class_name: ownName(object) ?? class_name, config: isMap(config) ? config : {} }
}

/** The full name of a class that is not Keras's: it may be called like one that is. */
function ownName({ class_name, module = 'keras', registered_name }: Json): string | undefined {
  if (String(registered_name).includes('>')) return String(registered_name)
  return /^(tf_)?keras\b|^tensorflow\b/.test(String(module))
    ? undefined
    : `${String(module)}.${String(class_name)}`
}

/** A map; an empty one where a value is none. */
export function mapOf(value: unknown): Json {
  return isMap(value) ? value : {}
}

/** A list; an empty one where a value is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
