import fc from 'fast-check'
import { expect, it } from 'vitest'

import { thinned } from '../../src/report/thinned.ts'

it('keeps the ends and the extremes of a curve, in order, and few points', () => {
  const value = fc.double({ noNaN: true, min: -1e6, max: 1e6 })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 4, max: 60 }),
      (values, most) => {
        const kept = thinned(values, most)
        const shown = kept.map((i) => values[i] ?? NaN)
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, Math.min(values.length, most)))
        expect(kept).toEqual(kept.toSorted((a, b) => a - b))
        expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1])
        expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...values), Math.max(...values)])
      },
    ),
  )
})

it('keeps numbers of a stretch that also has gaps', () => {
  const values = Array.from({ length: 100 }, (_, i) => (i === 50 ? 7 : NaN))
  expect(thinned(values, 10)).toContain(50)
})

it('spreads the points over the whole curve', () => {
  const kept = thinned(
    Array.from({ length: 1000 }, (_, i) => i),
    102,
  )
  const gaps = kept.slice(1).map((at, i) => at - (kept[i] ?? 0))
  expect(kept).toHaveLength(102)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(20)
})
