import fc from 'fast-check'
import { expect, it } from 'vitest'

import { Batches } from '../../src/server/batches.ts'

/** The numbers doubled, one row each but for multiples of five, which are left out; throws for a negative one. */
async function doubled(rows: readonly number[]): Promise<{ row: number; value: number }[]> {
  await new Promise(setImmediate)
  if (rows.some((row) => row < 0)) throw new Error('negative')
  return rows.flatMap((value, i) => (value % 5 === 0 ? [] : [{ row: i + 1, value: 2 * value }]))
}

it('each caller gets the results of its own rows, and only its own errors', async () => {
  const request = fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 8 }), async (requests) => {
      const batches = new Batches(doubled)
      const together = await Promise.allSettled(requests.map((rows) => batches.add(rows)))
      const alone = await Promise.allSettled(requests.map(doubled))
      expect(together).toEqual(alone)
    }),
    { numRuns: 50 },
  )
})

it('what arrives together is computed together', async () => {
  const sizes: number[] = []
  const batches = new Batches((rows: readonly number[]) => {
    sizes.push(rows.length)
    return doubled(rows)
  })
  await Promise.all(Array.from({ length: 10 }, (_, i) => batches.add([i])))
  expect(sizes).toEqual([10])
})
