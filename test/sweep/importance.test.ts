import { describe, expect, it } from 'vitest'

import { importances } from '../../src/sweep/importance.ts'

describe('the importance of a parameter', () => {
  const space = [
    { kind: 'choice' as const, count: 2 },
    { kind: 'number' as const, low: 0, high: 1 },
    { kind: 'choice' as const, count: 1 },
  ]

  it('is all for one that decides the loss, and about none for others', () => {
    const scored = Array.from({ length: 40 }, (_, i) => ({
      point: [i % 2, ((i * 7) % 40) / 40, 0],
      loss: i % 2,
    }))
    const [first, second, third] = importances(space, scored)
    expect(first).toBeCloseTo(1)
    expect(second).toBeLessThan(0.1)
    expect(third).toBeNull()
  })

  it('is found for a range by its quarters', () => {
    const scored = Array.from({ length: 40 }, (_, i) => ({
      point: [i % 2, i / 40, 0],
      loss: (i / 40 - 0.5) ** 2,
    }))
    expect(importances(space, scored)[1]).toBeGreaterThan(0.6)
  })

  it('is unknown where no two trials share a value, and 0 where all losses are equal', () => {
    expect(importances(space, [{ point: [0, 0, 0], loss: 1 }])).toEqual([null, null, null])
    const each = [0, 1].map((value) => ({ point: [value, value, 0], loss: value }))
    expect(importances(space, each)).toEqual([null, null, null])
    expect(
      importances(
        space,
        Array.from({ length: 9 }, (_, i) => ({ point: [i % 2, i, 0], loss: 2 })),
      ),
    ).toEqual([0, 0, null])
  })
})
