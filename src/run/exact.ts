import * as z from 'zod'

// JSON has no NaN, no infinities and no negative zero; every other double comes back from it bit for bit.

const Special = z.enum(['NaN', 'Infinity', '-Infinity', '-0'])

/** A double in JSON. */
export const Exact = z.union([z.number(), Special]).transform(Number)
type WrittenDouble = z.input<typeof Exact>

export function exact(value: number): WrittenDouble {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : Special.parse(String(value))
}

/** Doubles by name in JSON. */
export const ExactMap = z
  .record(z.string(), Exact)
  .transform((record) => new Map<string, number>(Object.entries(record)))

export function exactRecord(values: Iterable<readonly [string, number]>): Record<string, WrittenDouble> {
  return Object.fromEntries(Array.from(values, ([name, value]) => [name, exact(value)]))
}
