import * as z from 'zod'

import type { ConfigPath } from '../../diagnostic.ts'
import { canonical, nearest } from '../../nearest.ts'
import { article, isMap } from '../../registry.ts'
import type { Component, Family } from '../../registry.ts'
import { callbacks } from '../../components/callbacks/index.ts'
import { families } from '../../components/families.ts'
import { layers } from '../../components/layers/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import { answerForComponent, answerForKey } from './keras-names.ts'
import { choiceForOther, componentForOther, keyForOther } from './other-names.ts'
import { DataSpec } from '../schema/data.ts'
import { specSchema } from '../schema/spec.ts'

/** The most names that a hint lists. */
const mostNames = 16

/** The key that an unknown one stands for, where that is plain, and what to say of it. */
export function hintForKey(
  key: string,
  known: readonly string[],
  path: ConfigPath,
): { meant?: string; hint?: string } {
  const same = known.find((candidate) => canonical(candidate) === canonical(key))
  const other = same ?? keyForOther(key, known) ?? answerForKey(key, path.length > 1)
  if (other !== undefined) {
    return known.includes(other) ? { meant: other, hint: `did you mean "${other}"?` } : { hint: other }
  }
  const part = path.length > 0 ? partFor(key, known) : undefined
  if (part !== undefined) return { hint: part }
  const section = path.length === 0 ? sectionOf(key) : undefined
  if (section !== undefined)
    return { hint: `it belongs in the \`${section}\` section: write ${section}.${key}` }
  const close = nearest(key, known)
  if (close !== undefined) return { meant: close, hint: `did you mean "${close}"?` }
  const home = sectionOf(key)
  if (home === 'data' && path.length === 1 && path[0] === home) {
    const sources = sourcesWith(key).join(', ')
    return { hint: `this source has its own, and only these take the key: ${sources}` }
  }
  if (home !== undefined) return { hint: `it belongs in the \`${home}\` section: write ${home}.${key}` }
  const place = path.length === 0 || componentSections.has(path.join('.')) ? placeOfOption(key) : undefined
  if (place !== undefined) return { hint: place }
  return known.length === 0 ? {} : { hint: `the keys here are: ${known.join(', ')}` }
}

/** Components whose options are taken for keys elsewhere, and where the first of them stands. */
const componentPlaces: readonly (readonly [Family<Component>, place: string])[] = [
  [optimizers, 'compile.optimizer'],
  [layers, 'model.layers[0]'],
  [callbacks, 'fit.callbacks[0]'],
]
const componentSections = new Set(['compile', 'model', 'fit'])

let places: ReadonlyMap<string, string> | undefined

/** The place of an option that is written outside its component. */
function placeOfOption(key: string): string | undefined {
  places ??= placesByOption()
  return places.get(key)
}

function placesByOption(): Map<string, string> {
  return new Map(
    componentPlaces
      .toReversed()
      .flatMap(([{ singular, members }, place]) =>
        members.flatMap(({ options }) =>
          Object.keys(options()).map((key): [string, string] => [
            key,
            `it is an option of ${article(singular)}: write it there, as in ${place}.${key}`,
          ]),
        ),
      ),
  )
}

/** The place of a component that is written as a key. */
function partFor(key: string, known: readonly string[]): string | undefined {
  const [callback, regularizer] = ['callbacks', 'regularizers'].map(
    (name) => families.get(name)?.find(key)?.type,
  )
  if (callback !== undefined && known.includes('callbacks'))
    return `it is a callback: write callbacks: [{type: ${callback}, ...}]`
  return regularizer !== undefined && known.includes('kernel_regularizer')
    ? `it is a regularizer: write kernel_regularizer: {type: ${regularizer}, ...}`
    : undefined
}

let sections: ReadonlyMap<string, string> | undefined

/** The section that has a key of this name. */
export function sectionOf(key: string): string | undefined {
  sections ??= sectionsByKey()
  return sections.get(key)
}

function sectionsByKey(): Map<string, string> {
  const sections = Object.entries(specSchema().shape).toReversed()
  return new Map(
    sections.flatMap(([section, schema]) => keysIn(schema).map((key): [string, string] => [key, section])),
  )
}

/** The types of sources that have a key. */
function sourcesWith(key: string): string[] {
  return DataSpec.options.flatMap(({ shape }) => (key in shape ? [...shape.type.values] : []))
}

function keysIn(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(keysIn)
  return schema instanceof z.ZodPrefault ? keysIn(schema.unwrap()) : []
}

/** For a name that no member of a family has, or for none at all. */
export function hintForName(familyName: string, name?: string): string | undefined {
  const family = families.get(familyName)
  if (family === undefined) return undefined
  const names = family.members.map(({ type }) => type)
  if (name !== undefined) {
    const call = /^([\w.]+)\((.*)\)$/.exec(name)
    if (call) return hintForCall(family, call[1] ?? '', call[2] ?? '')
    const other = answerForComponent(familyName, name) ?? componentForOther(familyName, name, names)
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

/** For a call of Python, such as keras.layers.Dense(16, activation='relu'). */
function hintForCall(family: Family<Component>, name: string, given: string): string {
  const own = name.slice(name.lastIndexOf('.') + 1)
  const type = family.find(own)?.type
  if (type === undefined) return hintForName(family.name, own) ?? ''
  const options = given.split(/,(?![^([]*[)\]])/).flatMap((item) => {
    const [, key, value = ''] = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(item) ?? []
    if (key === undefined) return item.trim() === '' ? [] : ['...']
    const plain = /^(True|False)$/.test(value) ? value.toLowerCase() : value.replace(/^(["'])(.*)\1$/, '$2')
    return [`${key}: ${plain}`]
  })
  return options.length === 0 ? `write ${type}` : `write {${[`type: ${type}`, ...options].join(', ')}}`
}

/** For a map without a type: its only key, or the value of another one, may name it. */
export function hintForTypeless(family: Family<Component>, map: Readonly<Record<string, unknown>>): string {
  const [[key = '', options] = [], ...others] = Object.entries(map)
  const named = family.find(key)
  if (named !== undefined && others.length === 0) {
    // {l2: 0.01} has an option of that name, {dense: 16} means the first one.
    const own = Object.keys(named.options())
    const meant = own.includes(key) ? key : own[0]
    const more = isMap(options)
      ? Object.keys(options).map((option) => `${option}: ...`)
      : options === null || meant === undefined
        ? []
        : [`${meant}: ${JSON.stringify(options)}`]
    return `the type is a value: write {${[`type: ${named.type}`, ...more].join(', ')}}`
  }
  for (const other of ['name', 'class_name', 'class', 'kind', 'layer']) {
    const value = map[other]
    const meant = typeof value === 'string' ? family.find(value) : undefined
    if (meant !== undefined) return `write type: ${meant.type} in place of ${other}: ${String(value)}`
  }
  return hintForName(family.name) ?? ''
}

/** For a value that is none of the choices. */
export function hintForChoice(choices: readonly string[], value: unknown): string {
  const other = typeof value === 'string' ? choiceForOther(value, choices) : undefined
  if (other !== undefined) return other
  const close = typeof value === 'string' ? nearest(value, choices) : undefined
  return close === undefined ? `use one of: ${choices.join(', ')}` : `did you mean "${close}"?`
}

/** The types of values that a config holds. */
export type ValueKind = 'string' | 'number' | 'boolean' | 'map' | 'list'

/** For a value of another type than the kind. */
export function hintForType(kind: ValueKind, path: ConfigPath, value: unknown): string | undefined {
  if (value === null) return 'write a value after the colon, or remove the key'
  if (kind === 'boolean') return 'write true or false'
  if (kind === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return `a string that looks like another type needs quotes: "${value}"`
  }
  if (isNumeric(value)) return `remove the quotes: ${value.trim()}`
  if (value === 'None')
    return `None is Python: leave ${typeof path.at(-1) === 'number' ? 'it' : 'the key'} out`
  if (kind === 'number' && typeof value === 'string') return hintForNumber(path, value)
  if (kind === 'list' && isScalar(value)) {
    const items = typeof value === 'string' ? itemsOf(value) : String(value)
    return path.at(-1) === 'type' ? `write a list, not a map: [${items}]` : `write it in brackets: [${items}]`
  }
  if (kind === 'list' && isMap(value))
    return 'its items are a list: [..., ...], or lines that begin with a dash'
  if (kind !== 'map') return undefined
  const glued = typeof value === 'string' ? /^([\w-]+):(\S+)$/.exec(value) : null
  if (glued) return `a space is missing after the colon: write \`${glued[1]}: ${glued[2]}\``
  const key = String(path.at(-1))
  if (key === 'features' && Array.isArray(value)) return `write {columns: [${value.join(', ')}]}`
  const example = maps.get(key)
  return example && `write a map, as in ${key}: ${example}`
}

/** Maps that people write as one value or as a list. */
const maps: ReadonlyMap<string, string> = new Map([
  ['data', '{type: csv, path: rows.csv, target: price}'],
  ['features', '{exclude: [id], scale: standard}'],
  ['split', '{validation: 0.1, test: 0.2}'],
  ['where', '{age: {min: 30}, city: [Berlin, Rome]}'],
  ['formats', '{when: dd.MM.yyyy}'],
  ['class_weight', '{no: 1, yes: 5}, by label; or write balanced'],
])

/** For a string that holds a number among other signs. */
export function hintForNumber(path: ConfigPath, value: string): string | undefined {
  const [, number = '', unit = ''] = /^\(?\s*([+-]?\d+(?:[.,]\d+)?)\s*([^\d^]*)$/.exec(value) ?? []
  if (number === '') return undefined
  const plain = Number(number.replace(',', '.'))
  return `write the number alone: ${unit.startsWith('%') && fractions.has(String(path.at(-1))) ? plain / 100 : plain}`
}

/** The items of a list that is written in another way, such as (3, 3) or 3x3. */
function itemsOf(value: string): string {
  const [, tuple = value] = /^\((.*)\)$/.exec(value.trim()) ?? []
  const isProduct = /^\d+(\s*[x×*]\s*\d+)+$/.test(tuple)
  const items = tuple.split(isProduct ? /[x×*]/ : ',').map((item) => item.trim())
  return items.filter(Boolean).join(', ')
}

/** For a fraction that may be meant in percent. */
export function hintForFraction(path: ConfigPath, value: unknown): string | undefined {
  if (!fractions.has(String(path.at(-1))) || typeof value !== 'number') return undefined
  return value >= 2 && value <= 100 ? `it is a fraction: ${value / 100} is ${value} %` : undefined
}

const fractions: ReadonlySet<string> = new Set(['validation', 'test', 'rate', 'momentum', 'learning_rate'])

/** Tells a string that is a number in quotes. */
export function isNumeric(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
