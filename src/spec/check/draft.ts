import * as z from 'zod'

import type { ComponentConfig, Component, Family } from '../../registry.ts'
import { unsure } from '../../registry.ts'
import { rulesOf } from '../../rule.ts'
import { hintForKey } from './hints.ts'
import type { Shape } from '../schema/keys.ts'
import type { Data } from '../document/tree.ts'

/** A map as far as it is valid, and its keys of which nothing is known. */
export type Draft = { readonly values: Data; readonly doubts: ReadonlySet<string> }

/** Checks each key by itself. */
export function draftMap(shape: Shape, written: Data): Draft {
  const strangers = Object.keys(written).filter((key) => !Object.hasOwn(shape, key))
  const doubts = new Set(strangers.flatMap((key) => standsFor(key, shape, written)))
  const values: [string, unknown][] = []
  for (const [key, schema] of Object.entries(shape)) {
    if (doubts.has(key)) continue
    const result = z.safeParse(schema, written[key])
    if (!result.success) doubts.add(key)
    else if (result.data !== undefined) values.push([key, result.data])
  }
  return { values: Object.fromEntries(values), doubts }
}

/** What an unknown key may mean: the one that it resembles, else any that is not written and would take its value. */
function standsFor(stranger: string, shape: Shape, written: Data): string[] {
  const open = Object.entries(shape).filter(([key]) => written[key] === undefined)
  const { meant } = hintForKey(stranger, Object.keys(shape), false)
  return open
    .filter(([key, schema]) =>
      meant === undefined ? z.safeParse(schema, written[stranger]).success : key === meant,
    )
    .map(([key]) => key)
}

/** A component as far as it is valid; undefined where its type is not known. */
export function draftComponent<C extends Component>(
  family: Family<C>,
  value: unknown,
): ComponentConfig | undefined {
  const whole = family.ref().safeParse(value).data
  if (whole !== undefined) return whole
  const written = mapOf(value)
  const member = typeof written['type'] === 'string' ? family.find(written['type']) : undefined
  if (member === undefined) return undefined
  const { type } = member
  const { values, doubts } = draftMap(family.schemaOf(member).shape, { ...written, type })
  if (doubts.size > 0) return { ...values, type, [unsure]: doubts }
  const refused = new Set<string>()
  for (const { check } of rulesOf(family.schemaOf(member)))
    check(values, ([option]) => void refused.add(String(option)))
  const rest = Object.entries(values).filter(([key]) => !refused.has(key))
  return { ...Object.fromEntries(rest), type, [unsure]: refused }
}

/** What is said of a config; undefined where it depends on an option of which nothing is known. */
export function ifKnown<T>(config: ComponentConfig, say: (config: ComponentConfig) => T): T | undefined {
  const doubts = config[unsure]
  if (doubts === undefined) return say(config)
  const ask = (key: string | symbol): void => {
    if (typeof key === 'string' && doubts.has(key)) throw new Doubt()
  }
  const guarded = new Proxy(config, {
    get(target, key): unknown {
      ask(key)
      return Reflect.get(target, key)
    },
    ownKeys() {
      throw new Doubt()
    },
  })
  try {
    return say(guarded)
  } catch (error) {
    if (error instanceof Doubt) return undefined
    throw error
  }
}

/** That an option was read of which nothing is known. */
class Doubt extends Error {}

export function mapOf(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
