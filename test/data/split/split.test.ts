import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitRows } from '../../../src/data/split/split.ts'
import { DataError } from '../../../src/errors.ts'
import { numbers, rowsUpTo, tableOf } from '../support.ts'
import type { RowClasses } from '../../../src/data/split/splits.ts'
import type { Split } from '../../../src/components/sources/options/split.ts'

const defaults = { validation: 0, test: 0, stratify: false, shuffle: true }
const split = (rows: number, options: Partial<Split>, seed = 0, classes?: RowClasses) =>
  splitRows(
    tableOf([numbers('x', [...rowsUpTo(rows)])]),
    rowsUpTo(rows),
    { ...defaults, ...options },
    seed,
    classes,
  )

function classesOf(indices: readonly number[]): RowClasses {
  return { indices: Int32Array.from(indices), names: ['a', 'b', 'c', 'd'] }
}

describe('a split', () => {
  it('keeps all rows for training unless told otherwise', () => {
    expect(split(3, {})).toEqual({
      train: Uint32Array.of(0, 1, 2),
      validation: Uint32Array.of(),
      test: Uint32Array.of(),
    })
  })

  it('takes the last rows when it does not shuffle', () => {
    expect(split(10, { validation: 0.2, test: 0.3, shuffle: false })).toEqual({
      train: Uint32Array.of(0, 1, 2, 3, 4),
      validation: Uint32Array.of(5, 6),
      test: Uint32Array.of(7, 8, 9),
    })
  })

  it('depends on the seed alone', () => {
    expect(split(100, { test: 0.2 }, 1)).toEqual(split(100, { test: 0.2 }, 1))
    expect(split(100, { test: 0.2 }, 1)).not.toEqual(split(100, { test: 0.2 }, 2))
    expect(split(100, { test: 0.2, seed: 2 }, 1)).toEqual(split(100, { test: 0.2 }, 2))
  })

  it('puts every row into exactly one part, with the proportions asked for', () => {
    const fraction = fc.constantFrom(0, 0.1, 0.25, 0.4)
    const indices = fc.array(fc.nat(3), { minLength: 40, maxLength: 200 })
    fc.assert(
      fc.property(
        indices,
        fraction,
        fraction,
        fc.boolean(),
        fc.nat(),
        (indices, validation, test, shuffle, seed) => {
          for (const classes of [undefined, classesOf(indices)]) {
            let parts
            try {
              parts = split(indices.length, { validation, test, shuffle }, seed, classes)
            } catch (error) {
              expect(error).toBeInstanceOf(DataError)
              continue
            }
            const together = [...parts.train, ...parts.validation, ...parts.test].toSorted((a, b) => a - b)
            expect(together).toEqual([...rowsUpTo(indices.length)])
            expect(parts.test.length).toBe(Math.round(indices.length * test))
            expect(parts.validation.length).toBe(Math.round(indices.length * validation))
            for (const part of Object.values(parts))
              expect([...part]).toEqual([...part].toSorted((a, b) => a - b))
          }
        },
      ),
    )
  })

  it('keeps the proportions of the classes when stratified', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 60, maxLength: 300 }), fc.nat(), (indices, seed) => {
        fc.pre([0, 1, 2].every((k) => indices.filter((index) => index === k).length > 5))
        const { test } = split(indices.length, { test: 0.25 }, seed, classesOf(indices))
        for (const k of [0, 1, 2]) {
          const whole = indices.filter((index) => index === k).length
          const part = [...test].filter((row) => indices[row] === k).length
          expect(Math.abs(part - whole * 0.25)).toBeLessThan(1.5)
        }
      }),
    )
  })

  it('is refused when a part would be empty', () => {
    expect(() => split(4, { validation: 0.1 })).toThrow('table: a validation split of 0.1 of 4 rows is empty')
    expect(() => split(1, { test: 0.6 })).toThrow('there are no rows left for training')
  })

  it('is refused when a class is too small to be divided', () => {
    const classes = classesOf([0, 0, 0, 0, 0, 0, 0, 1, 0, 0])
    expect(() => split(10, { test: 0.2 }, 0, classes)).toThrow(
      'table: the class "b" has 1 row, too few for 2 stratified splits',
    )
  })
})
