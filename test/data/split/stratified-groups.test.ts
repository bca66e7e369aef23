import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { splitRows } from '../../../src/data/split/split.ts'
import { readGolden } from '../../golden/golden.ts'
import { rowsUpTo, tableOf, texts } from '../support.ts'
import type { Splits } from '../../../src/data/split/splits.ts'
import type { Table } from '../../../src/table/table.ts'
import type { Split } from '../../../src/components/sources/options/split.ts'

/** The group and the class of each row. */
type Rows = readonly (readonly [group: string, index: number])[]

const defaults = { validation: 0, test: 0, stratify: true, shuffle: true, group: 'g' }
const tableOfGroups = (rows: Rows): Table =>
  tableOf([
    texts(
      'g',
      rows.map(([group]) => group),
    ),
  ])

function split(rows: Rows, options: Partial<Split>, seed = 0, table = tableOfGroups(rows)): Splits {
  const classes = { indices: Int32Array.from(rows, ([, index]) => index), names: [...'abcdefgh'] }
  const chosen = { ...defaults, ...options }
  return splitRows(table, rowsUpTo(rows.length), chosen, seed, chosen.stratify ? classes : undefined)
}

const foldsOf = (rows: Rows, count: number, options: Partial<Split> = {}, seed = 0): Uint32Array[] =>
  Array.from({ length: count }, (_, i) => {
    const { validation } = split(rows, { ...options, fold: `${i + 1}/${count}` }, seed)
    return validation
  })

/** How many rows of each class there are among some of the rows. */
function countsOf(rows: Rows, chosen: Iterable<number>): number[] {
  const classes = 1 + Math.max(...rows.map(([, index]) => index))
  const counts = new Array<number>(classes).fill(0)
  for (const row of chosen) {
    const [, index] = rows[row] ?? ['', 0]
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

/** How far each class in each part is from its share of the part, as a fraction of that share. */
function deviations(parts: readonly number[][], shares: readonly number[]): number[] {
  const totals = parts.reduce((sums, counts) => sums.map((sum, k) => sum + (counts[k] ?? 0)))
  return parts.flatMap((counts, i) =>
    counts.flatMap((count, k) => {
      const [total = 0, share = 0] = [totals[k], shares[i]]
      return total === 0 ? [] : [Math.abs(count / total / share - 1)]
    }),
  )
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length

/** Groups that lean to one class or the other, of unequal sizes. */
const someGroups: fc.Arbitrary<Rows> = fc
  .array(fc.array(fc.oneof(fc.constant(0), fc.nat(3)), { minLength: 1, maxLength: 12 }), {
    minLength: 12,
    maxLength: 40,
  })
  .map((groups) => groups.flatMap((classes, i) => classes.map((index) => [`group ${i}`, index] as const)))

describe('a stratified split by group', () => {
  it('gives each split its share of sick and healthy patients', () => {
    const rows = Array.from({ length: 60 }, (_, i) => [`patient ${i % 20}`, i % 20 < 5 ? 1 : 0] as const)
    for (let seed = 0; seed < 20; seed++) {
      const { train, validation, test } = split(rows, { validation: 0.2, test: 0.2 }, seed)
      expect([train, validation, test].map((part) => countsOf(rows, part))).toEqual([
        [27, 9],
        [9, 3],
        [9, 3],
      ])
    }
  })

  it.each<[string, (rows: Rows, seed: number) => Uint32Array[]]>([
    ['fractions', (rows, seed) => Object.values(split(rows, { validation: 0.2, test: 0.25 }, seed))],
    [
      'folds and a test split',
      (rows, seed) => [split(rows, { test: 0.25 }, seed).test, ...foldsOf(rows, 4, { test: 0.25 }, seed)],
    ],
  ])('keeps groups whole and every row in one part: %s', (_, divide) => {
    fc.assert(
      fc.property(someGroups, fc.nat(), (rows, seed) => {
        const parts = divide(rows, seed)
        expect(parts.flatMap((part) => [...part]).toSorted((a, b) => a - b)).toEqual([
          ...rowsUpTo(rows.length),
        ])
        const owners = parts.map((part) => new Set(Array.from(part, (row) => rows[row]?.[0])))
        const groups = new Set(rows.map(([group]) => group))
        expect(owners.reduce((sum, { size }) => sum + size, 0)).toBe(groups.size)
      }),
    )
  })

  it('is nearer to the proportions of the classes than one that ignores them', () => {
    const samples = fc.sample(someGroups, { numRuns: 200, seed: 5 })
    const unevenness = (stratify: boolean, divide: (rows: Rows, options: Partial<Split>) => Uint32Array[]) =>
      mean(
        samples.flatMap((rows) => {
          const parts = divide(rows, { stratify }).map((part) => countsOf(rows, part))
          return deviations(parts, parts.length === 3 ? [0.6, 0.2, 0.2] : [0.2, 0.2, 0.2, 0.2, 0.2])
        }),
      )
    const fractions = (rows: Rows, options: Partial<Split>): Uint32Array[] => {
      const { train, validation, test } = split(rows, { ...options, validation: 0.2, test: 0.2 })
      return [train, validation, test]
    }
    const folds = (rows: Rows, options: Partial<Split>): Uint32Array[] => foldsOf(rows, 5, options)
    for (const divide of [fractions, folds])
      expect(unevenness(true, divide)).toBeLessThan(0.75 * unevenness(false, divide))
  })

  it('has folds as even as those of scikit-learn', () => {
    const counts = z.array(z.array(z.int()))
    const { cases } = readGolden(
      'splits',
      z.object({ cases: z.array(z.object({ groups: counts, folds: counts })) }),
    )
    const compared = cases.map(({ groups, folds }) => {
      const rows = groups.flatMap((counts, i) =>
        counts.flatMap((count, k) => Array.from({ length: count }, () => [`group ${i}`, k] as const)),
      )
      const ours = foldsOf(rows, folds.length, { shuffle: false }).map((fold) => countsOf(rows, fold))
      const shares = folds.map(() => 1 / folds.length)
      return { ours: deviations(ours, shares), theirs: deviations(folds, shares) }
    })
    const figure = (of: (deviations: number[]) => number) => ({
      ours: mean(compared.map(({ ours }) => of(ours))),
      theirs: mean(compared.map(({ theirs }) => of(theirs))),
    })
    for (const { ours, theirs } of [figure(mean), figure((values) => Math.max(...values))])
      expect(ours).toBeLessThanOrEqual(theirs)
    const asEven = compared.filter(({ ours, theirs }) => mean(ours) <= mean(theirs) + 1e-12)
    expect(asEven.length).toBeGreaterThanOrEqual(0.8 * cases.length)
  })

  it('has a test split that depends on the seed, and on neither folds nor validation', () => {
    const [rows = []] = fc.sample(someGroups, { numRuns: 1, seed: 1 })
    const { test } = split(rows, { test: 0.3 }, 1)
    expect(split(rows, { test: 0.3, validation: 0.2 }, 1).test).toEqual(test)
    expect(split(rows, { test: 0.3, fold: '2/5' }, 1).test).toEqual(test)
    expect(split(rows, { test: 0.3 }, 2).test).not.toEqual(test)
  })

  it('is the same where rows lie in blocks', () => {
    const [rows = []] = fc.sample(someGroups, { numRuns: 1, seed: 2 })
    const blocks = [rows.slice(0, 30), rows.slice(30, 31), rows.slice(31)].map(tableOfGroups)
    const options = { validation: 0.2, test: 0.2 }
    expect(split(rows, options, 3, { ...tableOfGroups(rows), blocks })).toEqual(split(rows, options, 3))
  })

  it('gives a part a group that brings it nearer to its size, and is refused where there is none', () => {
    const rows = [...'aabbcc'].map((group) => [group, 0] as const)
    expect(split(rows, { test: 0.2 }).test.length).toBe(2)
    expect(() => split(rows, { test: 0.15 })).toThrow('the test split is empty: there are too few groups')
  })

  it('leaves a class of a single group to the larger part, and to the smaller of equal ones', () => {
    const rows = [...'aabbccddee'].map((group, i) => [group, i < 2 ? 1 : 0] as const)
    const { train, test } = split(rows, { test: 0.2 })
    expect([countsOf(rows, train), countsOf(rows, test)]).toEqual([
      [6, 2],
      [2, 0],
    ])
    const pure = [...'aabb'].map((group, i) => [group, i < 2 ? 1 : 0] as const)
    expect(foldsOf(pure, 2).map(({ length }) => length)).toEqual([2, 2])
  })
})
