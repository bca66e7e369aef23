import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { epochOrder } from '../../src/train/order.ts'

const shuffles = fc.oneof(
  fc.boolean(),
  fc.record({ block_size: fc.integer({ min: 1, max: 40 }), buffer_size: fc.integer({ min: 1, max: 200 }) }),
)

describe('the order of an epoch', () => {
  it('has every row once, however it is cut into stretches', () => {
    const cuts = fc.array(fc.nat(300), { maxLength: 5 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        shuffles,
        fc.nat(),
        cuts,
        (rows, shuffle, epoch, cuts) => {
          const whole = epochOrder(7, epoch, rows, shuffle)(0, rows)
          expect(whole.toSorted()).toEqual(Uint32Array.from({ length: rows }, (_, i) => i))
          const places = [0, ...cuts.filter((cut) => cut < rows).sort((a, b) => a - b), rows]
          const order = epochOrder(7, epoch, rows, shuffle)
          const pieces = places.slice(1).map((end, i) => order(places[i] ?? 0, end))
          expect(pieces.flatMap((piece) => [...piece])).toEqual([...whole])
          // Also backwards: a stretch does not depend on those asked for before.
          expect(order(places[0] ?? 0, places[1] ?? 0)).toEqual(pieces[0])
        },
      ),
    )
  })

  it('is another one in each epoch and for each seed', () => {
    for (const shuffle of [true, { block_size: 4, buffer_size: 32 }]) {
      const orders = [
        epochOrder(0, 0, 1000, shuffle),
        epochOrder(0, 1, 1000, shuffle),
        epochOrder(1, 0, 1000, shuffle),
      ].map((order) => order(0, 1000).join())
      expect(new Set(orders).size).toBe(3)
    }
  })

  it('moves blocks as a whole, and mixes those that come to lie in one buffer', () => {
    const order = [...epochOrder(0, 0, 1000, { block_size: 10, buffer_size: 50 })(0, 1000)]
    for (let start = 0; start < 1000; start += 50) {
      const buffer = order.slice(start, start + 50)
      const blocks = new Set(buffer.map((row) => Math.floor(row / 10)))
      expect(blocks.size).toBe(5)
      expect(buffer).not.toEqual(buffer.toSorted((a, b) => a - b))
    }
    const firsts = order.slice(0, 50).map((row) => Math.floor(row / 10))
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(5)
  })

  it('is that of the rows without a shuffle', () => {
    expect(epochOrder(0, 3, 9, false)(2, 6)).toEqual(Uint32Array.of(2, 3, 4, 5))
  })
})
