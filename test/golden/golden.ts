import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import * as z from 'zod'

import type { Component, Family } from '../../src/registry.ts'

/** A tensor as the Python scripts write it. */
export const tensorSchema = z.object({ shape: z.array(z.int()), data: z.array(z.number()) })
export type GoldenTensor = z.output<typeof tensorSchema>

/** The numbers that the script of a family wrote. */
export function readGolden<S extends z.ZodType>(family: string, schema: S): z.output<S> {
  return schema.parse(JSON.parse(readFileSync(new URL(`${family}.json`, import.meta.url), 'utf8')))
}

/** Options and their defaults in Keras, by type. */
export const defaultsSchema = z.record(z.string(), z.record(z.string(), z.unknown()))

/** Every member of a family has golden numbers, those that Keras lacks too; `keras` are the types of all that Keras has. */
export function expectGoldenMembers<C extends Component>(
  family: Family<C>,
  cases: readonly { readonly type: string }[],
  keras: Readonly<Record<string, unknown>>,
): void {
  const types = family.members.map(({ type }) => type).sort()
  expect([...new Set(cases.map(({ type }) => type))].sort()).toEqual(types)
  expect(Object.keys(keras).filter((type) => !types.includes(type))).toEqual([])
}

/** Every option that has a default in Keras exists under its name and has that default. */
export function expectKerasDefaults<C extends Component>(
  family: Family<C>,
  type: string,
  defaults: Readonly<Record<string, unknown>>,
): void {
  const member = family.find(type)
  expect(member, `${family.singular} ${type}`).toBeDefined()
  if (member === undefined) return
  const options = member.options()
  const ours = Object.fromEntries(
    Object.keys(defaults).map((option) => {
      const found = options[option]?.safeParse(undefined)
      return [option, found?.success ? found.data : 'no default']
    }),
  )
  expect(ours).toEqual(defaults)
}

/** Element by element within `relative` of the expected number, or within `absolute` of it where it is small. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  { relative = 1e-5, absolute = 1e-6 }: { relative?: number; absolute?: number } = {},
): void {
  expect(actual.length).toBe(expected.length)
  const wrong = expected.flatMap((wanted, i) => {
    const got = actual[i] ?? NaN
    return Math.abs(got - wanted) <= absolute + relative * Math.abs(wanted) ? [] : [{ i, got, wanted }]
  })
  expect(wrong).toEqual([])
}
