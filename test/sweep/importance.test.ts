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
    const [first = 0, second = 1, third = 1] = importances(space, scored)
    expect(first).toBeCloseTo(1)
    expect(second).toBeLessThan(0.1)
    expect(third).toBe(0)
  })

  it('is found for a range by its quarters', () => {
    const scored = Array.from({ length: 40 }, (_, i) => ({
      point: [i % 2, i / 40, 0],
      loss: (i / 40 - 0.5) ** 2,
    }))
    expect(importances(space, scored)[1]).toBeGreaterThan(0.6)
  })

  it('is 0 where there are too few trials, or all are equal', () => {
    expect(importances(space, [{ point: [0, 0, 0], loss: 1 }])).toEqual([0, 0, 0])
    expect(
      importances(
        space,
        Array.from({ length: 9 }, (_, i) => ({ point: [i % 2, i, 0], loss: 2 })),
      ),
    ).toEqual([0, 0, 0])
  })
})
