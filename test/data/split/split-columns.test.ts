import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitRows } from '../../../src/data/split/split.ts'
import { DataError } from '../../../src/errors.ts'
import { numbers, rowsUpTo, tableOf, texts } from '../support.ts'
import type { Splits } from '../../../src/data/split/splits.ts'
import type { Column } from '../../../src/table/table.ts'
import type { Split } from '../../../src/components/sources/options/split.ts'

const defaults = { validation: 0, test: 0, stratify: false, shuffle: true }

function split(column: Column, options: Partial<Split>, seed = 0): Splits {
  return splitRows(tableOf([column]), rowsUpTo(column.values.length), { ...defaults, ...options }, seed)
}

const plainParts = ({ train, validation, test }: Splits) => [train, validation, test].map((part) => [...part])

describe('a split by column', () => {
  it('follows its values, in any case and short form', () => {
    const column = texts('part', ['train', 'Test', 'val', 'TRAIN', 'validation', 'dev'])
    expect(plainParts(split(column, { column: 'part' }))).toEqual([[0, 3], [2, 4, 5], [1]])
  })

  it('refuses other values and a file without training rows', () => {
    const column = texts('part', ['train', 'holdout'])
    expect(() => split(column, { column: 'part' })).toThrow(
      'table:2: "holdout" in column "part" is not a split: expected train, validation or test',
    )
    expect(() => split(texts('part', ['test']), { column: 'part' })).toThrow('no rows left for training')
  })
})

describe('a split by group', () => {
  const groups = fc.array(fc.constantFrom(...'abcdefghijkl'), { minLength: 30, maxLength: 120 })

  it('never divides a group, and comes near the fractions', () => {
    fc.assert(
      fc.property(groups, fc.nat(), (names, seed) => {
        const sizes = [...new Set(names)].map((name) => names.filter((other) => other === name).length)
        fc.pre(sizes.length >= 8)
        const parts = plainParts(split(texts('g', names), { group: 'g', test: 0.25, validation: 0.25 }, seed))
        expect(parts.flat().toSorted((a, b) => a - b)).toEqual([...rowsUpTo(names.length)])
        const owners = parts.map((rows) => new Set(rows.map((row) => names[row])))
        const total = owners.reduce((sum, { size }) => sum + size, 0)
        expect(total).toBe(sizes.length)
        for (const rows of parts.slice(1)) {
          expect(Math.abs(rows.length - names.length / 4)).toBeLessThanOrEqual(Math.max(...sizes))
        }
      }),
    )
  })

  it('takes groups of any size', () => {
    const column = texts('g', ['small', ...new Array<string>(200_000).fill('large')])
    const sizes = (options: Partial<Split>) =>
      plainParts(split(column, { ...options, group: 'g', shuffle: false })).map(({ length }) => length)
    expect(sizes({ test: 0.7 })).toEqual([1, 0, 200_000])
    expect(sizes({ fold: '1/2' })).toEqual([1, 200_000, 0])
  })

  it('is refused where its column holds arrays', () => {
    const pairs: Column = { kind: 'array', name: 'g', shape: [2], values: Float64Array.of(1, 1, 2, 2) }
    const options = { ...defaults, group: 'g', test: 0.5 }
    expect(() => splitRows({ ...tableOf([pairs]), rows: 2 }, rowsUpTo(2), options, 0)).toThrow(
      'table: data.split.group: "g" holds arrays',
    )
  })

  it('is refused where the groups are too few', () => {
    expect(() => split(texts('g', ['a', 'a']), { group: 'g', test: 0.4 })).toThrow(DataError)
  })
})

describe('a split by time', () => {
  it('tests on the latest rows and validates on those before', () => {
    const dates = texts('when', ['2024-03-01', '2023-01-01', '2024-01-01', '2022-05-05', '2024-02-01'])
    const parts = split(dates, { time: 'when', test: 0.2, validation: 0.2 })
    expect(plainParts(parts)).toEqual([[1, 2, 3], [4], [0]])
    const byNumber = split(numbers('t', [5, 1, 3, 0, 4]), { time: 't', test: 0.2, validation: 0.2 })
    expect(plainParts(byNumber)).toEqual([[1, 2, 3], [4], [0]])
  })

  it('refuses what is not a time', () => {
    expect(() => split(texts('when', ['2024-01-01', 'soon']), { time: 'when' })).toThrow(
      'table:2: "soon" in column "when" is not a time',
    )
  })

  it('trains a fold on the rows before it only', () => {
    const column = numbers('t', [0, 1, 2, 3, 4, 5, 6])
    const fold = (fold: string) => plainParts(split(column, { time: 't', fold })).slice(0, 2)
    expect([fold('1/2'), fold('2/2')]).toEqual([
      [
        [0, 1, 2],
        [3, 4],
      ],
      [
        [0, 1, 2, 3, 4],
        [5, 6],
      ],
    ])
  })
})

describe('folds', () => {
  it.each<[string, Partial<Split>]>([
    ['at random', {}],
    ['in order', { shuffle: false }],
    ['by group', { group: 'x' }],
  ])('%s validate every row once, and never on the test rows', (_, options) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 30, max: 80 }),
        fc.nat(),
        (count, rows, seed) => {
          const column = texts(
            'x',
            Array.from({ length: rows }, (_, i) => `group ${i % 15}`),
          )
          const folds = Array.from({ length: count }, (_, i) =>
            split(column, { ...options, test: 0.2, fold: `${i + 1}/${count}` }, seed),
          )
          const [first] = folds
          for (const { train, validation, test } of folds) {
            expect(test).toEqual(first?.test)
            expect(train.length + validation.length + test.length).toBe(rows)
          }
          const validated = folds.flatMap(({ validation }) => [...validation])
          expect(new Set(validated).size).toBe(validated.length)
          expect(validated.length).toBe(rows - (first?.test.length ?? 0))
          const sizes = folds.map(({ validation }) => validation.length)
          if (options.group === undefined)
            expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('have the same share of every class when stratified', () => {
    const indices = Int32Array.from({ length: 60 }, (_, i) => (i % 6 === 0 ? 1 : 0))
    const table = tableOf([numbers('x', [...indices])])
    for (let fold = 1; fold <= 5; fold++) {
      const options = { ...defaults, stratify: true, fold: `${fold}/5` }
      const { validation } = splitRows(table, rowsUpTo(60), options, 3, { indices, names: ['a', 'b'] })
      expect(validation.length).toBe(12)
      expect([...validation].filter((row) => indices[row] === 1).length).toBe(2)
    }
  })
})
