import * as z from 'zod'

import type { ConfigPath } from '../../diagnostic.ts'
import { article, describe, familyOf, isMap } from '../../registry.ts'
import type { Component, Family } from '../../registry.ts'
import { rulesOf } from '../../rule.ts'
import { fault, fitsNoBranch, scalarFault, wrongChoice, wrongType } from './faults.ts'
import type { Fault } from './faults.ts'
import { list } from '../../wording.ts'
import { hintForKey, hintForName, hintForNumber, hintForTypeless, isNumeric } from './hints.ts'

/** A value that was read by a schema, valid or not. */
export type KeyReading = ScalarReading | ListReading | MapReading

type ReadValue = {
  readonly written: unknown
  /** The valid part, with every default filled in; undefined where nothing is valid. */
  readonly value: unknown
  /** Those of its items and keys as well. */
  readonly faults: readonly Fault[]
}
export type ScalarReading = ReadValue & { readonly kind: 'scalar' }
export type ListReading = ReadValue & { readonly kind: 'list'; readonly items: readonly KeyReading[] }
export type MapReading = ReadValue & {
  readonly kind: 'map'
  /** The keys that are written or have a default. */
  readonly keys: ReadonlyMap<string, KeyReading>
  /** The keys whose values are not known: invalid, missing, or perhaps meant by a misspelt one. */
  readonly doubts: ReadonlySet<string>
  /** The schemas of its keys; empty where a map may have any. */
  readonly shape: KeySchemas
}

/** The schemas of a map's keys. */
type KeySchemas = Readonly<Record<string, z.core.$ZodType>>

/** Reads every key of a value once, by the schema of that key. */
export function read(
  schema: z.core.$ZodType,
  written: unknown,
  path: ConfigPath = [],
  description?: string,
): KeyReading {
  const family = familyOf(schema)
  if (family !== undefined) return readComponent(family, written, path)
  if (schema instanceof z.ZodNullable && written === null) return scalar(written, null)
  if (isOptional(schema)) return read(schema.unwrap(), written, path, schema.description ?? description)
  if (schema instanceof z.ZodObject)
    return isMap(written) ? readObject(schema, written, path) : notAMap(written, path, schema, description)
  if (schema instanceof z.ZodRecord) return readRecord(schema, written, path)
  if (schema instanceof z.ZodArray) return readList(schema, written, path)
  if (schema instanceof z.ZodDiscriminatedUnion) return readTyped(schema, written, path)
  if (schema instanceof z.ZodUnion) return readUnion(schema.options, written, path)
  if (schema instanceof z.ZodLazy) return read(schema.unwrap(), written, path)
  return readScalar(schema, written, path)
}

/** The value of a reading by this schema; undefined where it has faults. */
export function outputOf<T>(schema: z.ZodType<T>, reading: KeyReading | undefined): T | undefined {
  return reading !== undefined && isOutput(schema, reading) ? reading.value : undefined
}

/** A reading applies every check of its schema: without faults, its value is what the schema yields. */
function isOutput<T>(
  _schema: z.ZodType<T>,
  reading: KeyReading,
): reading is KeyReading & { readonly value: T } {
  return reading.faults.length === 0
}

/** The reading of a key that is not written; undefined where the schema requires it. */
export function readDefault(schema: z.core.$ZodType): KeyReading | undefined {
  if (schema instanceof z.ZodDefault) return scalar(undefined, schema.def.defaultValue)
  if (schema instanceof z.ZodPrefault) {
    const reading = defaults.get(schema) ?? read(schema.unwrap(), schema.def.defaultValue)
    defaults.set(schema, reading)
    return reading
  }
  if (schema instanceof z.ZodOptional) return readDefault(schema.unwrap()) ?? scalar(undefined, undefined)
  return undefined
}

const defaults = new WeakMap<z.core.$ZodType, KeyReading>()

function isOptional(
  schema: z.core.$ZodType,
): schema is z.ZodOptional | z.ZodNullable | z.ZodDefault | z.ZodPrefault {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
}

function scalar(written: unknown, value: unknown, faults: readonly Fault[] = []): ScalarReading {
  return { kind: 'scalar', written, value, faults }
}

function invalid(written: unknown, ...faults: readonly Fault[]): ScalarReading {
  return scalar(written, undefined, faults)
}

/** The hint says what the map is for, where only a map may stand here. */
function notAMap(
  written: unknown,
  path: ConfigPath,
  schema?: z.ZodObject,
  description = schema?.description,
): ScalarReading {
  const wrong = wrongType(path, written, 'map')
  if (schema === undefined || wrong.problem.hint !== undefined) return invalid(written, wrong)
  const keys = `its keys are: ${list(Object.keys(schema.shape), mostKeys)}`
  const hint = description === undefined ? keys : `${path.at(-1)}: ${description}; ${keys}`
  return invalid(written, { ...wrong, problem: { ...wrong.problem, hint } })
}

/** The most keys that a hint lists. */
const mostKeys = 8

function readScalar(schema: z.core.$ZodType, written: unknown, path: ConfigPath): KeyReading {
  const result = z.safeParse(schema, written)
  if (result.success) return scalar(written, result.data)
  const inner = partFaults(schema, written, path)
  if (inner.length > 0) return invalid(written, ...inner)
  return invalid(written, ...result.error.issues.map((issue) => scalarFault(schema, issue, path, written)))
}

/** The faults of what a tuple or a transformed value is made of. */
function partFaults(schema: z.core.$ZodType, written: unknown, path: ConfigPath): readonly Fault[] {
  if (schema instanceof z.ZodPipe) return read(schema.in, written, path).faults
  if (!(schema instanceof z.ZodTuple) || !Array.isArray(written)) return []
  const { items } = schema.def
  if (items.length !== written.length) return []
  return items.flatMap((item, i) => read(item, written[i], [...path, i]).faults)
}

function readList(schema: z.ZodArray, written: unknown, path: ConfigPath): KeyReading {
  // Rows may be written in a config: numbers are not read one by one without need.
  const whole = familyOf(schema.element) === undefined ? schema.safeParse(written) : undefined
  if (whole?.success === true) return scalar(written, whole.data)
  if (!Array.isArray(written)) return invalid(written, wrongType(path, written, 'list'))
  const items = written.map((item, i) => read(schema.element, item, [...path, i]))
  const length = schema.clone({ ...schema.def, element: z.unknown() }).safeParse(written)
  const own = (length.error?.issues ?? []).map((issue) => scalarFault(schema, issue, path, written))
  const faults = [...own, ...items.flatMap((item) => item.faults)]
  return { kind: 'list', written, value: items.map(({ value }) => value), faults, items }
}

function readRecord(schema: z.ZodRecord, written: unknown, path: ConfigPath): KeyReading {
  if (!isMap(written)) return notAMap(written, path)
  const faults: (readonly Fault[])[] = []
  const keys = new Map<string, KeyReading>()
  const doubts = new Set<string>()
  for (const [key, value] of Object.entries(written)) {
    const name = read(schema.keyType, key, [...path, key])
    const reading = read(schema.valueType, value, [...path, key])
    keys.set(key, reading)
    faults.push(name.faults, reading.faults)
    if (name.faults.length + reading.faults.length > 0) doubts.add(key)
  }
  const value = validPart(keys, doubts)
  return { kind: 'map', written, value, faults: faults.flat(), keys, doubts, shape: {} }
}

/** Reads a map of known keys. */
export function readObject(
  schema: z.ZodObject,
  written: Readonly<Record<string, unknown>>,
  path: ConfigPath = [],
): MapReading {
  const shape: z.core.$ZodShape = schema.shape
  const strangers = Object.keys(written).flatMap((key) =>
    Object.hasOwn(shape, key) ? [] : [readStranger(key, shape, written, path)],
  )
  const meant = new Set(strangers.map((stranger) => stranger.meant))
  const doubts = new Set(strangers.flatMap(({ standsFor }) => standsFor))
  const faults: (readonly Fault[])[] = [strangers.map((stranger) => stranger.fault)]
  const keys = new Map<string, KeyReading>()
  for (const [key, option] of Object.entries(shape)) {
    const isWritten = Object.hasOwn(written, key) && written[key] !== undefined
    const reading = isWritten ? read(option, written[key], [...path, key]) : readDefault(option)
    if (reading === undefined && !meant.has(key)) faults.push([missingKey(key, option, path)])
    if (reading === undefined || reading.faults.length > 0) doubts.add(key)
    if (reading === undefined || (!isWritten && doubts.has(key))) continue
    keys.set(key, reading)
    faults.push(reading.faults)
  }
  const value = validPart(keys, doubts)
  const broken = breaches(schema, value, doubts, path)
  return {
    kind: 'map',
    written,
    value: broken.length > 0 ? validPart(keys, doubts) : value,
    faults: [...faults.flat(), ...broken],
    keys,
    doubts,
    shape,
  }
}

function validPart(
  keys: ReadonlyMap<string, KeyReading>,
  doubts: ReadonlySet<string>,
): Record<string, unknown> {
  const valid: [key: string, value: unknown][] = []
  for (const [key, { value }] of keys) if (!doubts.has(key) && value !== undefined) valid.push([key, value])
  return Object.fromEntries(valid)
}

type Stranger = {
  readonly fault: Fault
  readonly meant: string | undefined
  readonly standsFor: readonly string[]
}

/** An unknown key stands for the one that it resembles, else for any that is not written and would take its value. */
function readStranger(
  stranger: string,
  shape: KeySchemas,
  written: Readonly<Record<string, unknown>>,
  path: ConfigPath,
): Stranger {
  const { meant, hint } = hintForKey(stranger, Object.keys(shape), path)
  const open = Object.entries(shape).filter(([key]) => written[key] === undefined)
  const possible = open.filter(([key, option]) =>
    meant === undefined ? z.safeParse(option, written[stranger]).success : key === meant,
  )
  return {
    fault: fault('unknown-key', [...path, stranger], `unknown key "${stranger}"`, { hint, at: 'key' }),
    meant,
    standsFor: possible.map(([key]) => key),
  }
}

function missingKey(key: string, schema: z.core.$ZodType, path: ConfigPath): Fault {
  const description = schema instanceof z.ZodType ? schema.description : undefined
  return fault('missing-key', [...path, key], `"${key}" is missing`, {
    hint: description && `${key}: ${description}`,
  })
}

/** The faults of the rules whose keys are all known; a key that breaks one is in doubt afterwards. */
function breaches(
  schema: z.ZodObject,
  values: Readonly<Record<string, unknown>>,
  doubts: Set<string>,
  path: ConfigPath,
): Fault[] {
  const faults: Fault[] = []
  const broken: string[] = []
  for (const { needs, check } of rulesOf(schema)) {
    if (needs.some((key) => doubts.has(key))) continue
    check(values, (at, message, { code, ...details }) => {
      faults.push(fault(code, [...path, ...at], message, details))
      broken.push(...(at.length > 0 ? [String(at[0])] : needs))
    })
  }
  for (const key of broken) doubts.add(key)
  return faults
}

/** A map whose `type` tells which of several schemas it is read by. */
function readTyped(schema: z.ZodDiscriminatedUnion, written: unknown, path: ConfigPath): KeyReading {
  if (!isMap(written)) return notAMap(written, path)
  const { discriminator } = schema.def
  const branches = new Map<string, z.core.$ZodType>()
  for (const option of schema.options) {
    const shape: z.core.$ZodShape = option instanceof z.ZodObject ? option.shape : {}
    const type = shape[discriminator]
    if (type instanceof z.ZodLiteral) branches.set(String(type.value), option)
  }
  const types = [...branches.keys()]
  const given = written[discriminator]
  const chosen = typeof given === 'string' ? branches.get(given) : undefined
  if (chosen !== undefined) return read(chosen, written, path)
  const at = [...path, discriminator]
  if (given !== undefined) return invalid(written, wrongChoice(at, given, types, discriminator))
  const hint = `use one of: ${types.join(', ')}`
  return invalid(written, fault('missing-key', at, `"${discriminator}" is missing`, { hint }))
}

/**
 * Only one branch of a union was meant: the one whose faults lie deepest, of these the one with the fewest, else one that
 * takes this type of value.
 */
function readUnion(options: readonly z.core.$ZodType[], written: unknown, path: ConfigPath): KeyReading {
  const branches = options.map((option) =>
    option instanceof z.ZodObject && !isMap(written) ? notAMap(written, path) : read(option, written, path),
  )
  const valid = branches.find(({ faults }) => faults.length === 0)
  if (valid !== undefined) return valid
  const depth = ({ faults }: KeyReading): number =>
    faults.reduce((least, { problem }) => Math.min(least, problem.path.length), Infinity)
  const [deepest] = branches.toSorted((a, b) => depth(b) - depth(a) || a.faults.length - b.faults.length)
  if (deepest !== undefined && depth(deepest) > path.length) return deepest
  const fitting = branches.find(({ faults }) => !faults.some(isMismatch))
  if (fitting !== undefined && !isNumeric(written)) return fitting
  const faults = branches.flatMap((branch) => branch.faults)
  return invalid(written, fitsNoBranch(path, written, faults))
}

/** Tells a value of another type, or none of the choices, from one that is wrong in another way. */
function isMismatch({ problem: { code }, expected }: Fault): boolean {
  return code === 'type' || (code === 'value' && expected.length > 0)
}

/** A component: a map with its type, or its bare name. */
function readComponent(family: Family<Component>, written: unknown, path: ConfigPath): KeyReading {
  const { name: familyName, singular } = family
  const map = typeof written === 'string' ? { type: written } : written
  if (!isMap(map)) {
    return invalid(
      written,
      wrongType(path, written, 'map', [`${article(singular)} (its name, or a map with its type)`]),
    )
  }
  const { type } = map
  const at = typeof written === 'string' ? path : [...path, 'type']
  if (type === undefined) {
    const hint = hintForTypeless(family, map)
    return invalid(written, fault('missing-key', path, `this ${singular} has no type`, { hint }))
  }
  if (typeof type !== 'string')
    return invalid(written, wrongType(at, type, 'string', [`the name of ${article(singular)}`]))
  const member = family.find(type)
  if (member !== undefined) return readObject(family.schemaOf(member), { ...map, type: member.type }, path)
  // A schedule stands where a number may, too.
  const hint =
    (familyName === 'schedules' && typeof written === 'string' ? hintForNumber(path, written) : undefined) ??
    hintForName(familyName, type)
  return invalid(written, fault(`unknown-${singular}`, at, `unknown ${singular} ${describe(type)}`, { hint }))
}
