import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ALIGNMENT, paddedBytes, placeBlocks } from '../../../src/backend/plan/memory-plan.ts'
import type { MemoryBlock } from '../../../src/backend/plan/memory-plan.ts'

const blocks = fc.array(
  fc
    .record({ bytes: fc.integer({ min: 0, max: 5000 }), first: fc.nat(20), length: fc.nat(8) })
    .map(({ bytes, first, length }): MemoryBlock => ({ bytes, first, last: first + length })),
  { maxLength: 30 },
)

describe('placeBlocks', () => {
  test('keeps blocks that live together apart, with their padding, aligned, inside its bounds', () => {
    fc.assert(
      fc.property(blocks, fc.nat(1000), (list, base) => {
        const { offsets, end } = placeBlocks(list, base)
        const placed = list.map((block, i) => ({ ...block, offset: offsets[i] ?? NaN }))
        for (const [i, a] of placed.entries()) {
          expect(a.offset % ALIGNMENT).toBe(0)
          expect(a.offset).toBeGreaterThanOrEqual(base)
          expect(a.offset + paddedBytes(a.bytes)).toBeLessThanOrEqual(end)
          for (const b of placed.slice(i + 1)) {
            const together = a.first <= b.last && b.first <= a.last
            const apart =
              a.offset + paddedBytes(a.bytes) <= b.offset || b.offset + paddedBytes(b.bytes) <= a.offset
            expect(!together || apart).toBe(true)
          }
        }
      }),
    )
  })

  test('a chain of results takes the space of two', () => {
    const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 4096, first: i, last: i + 1 }))
    expect(placeBlocks(chain, 0).end).toBe(2 * paddedBytes(4096))
  })
})
