import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { TurnOrder } from '../../src/sweep/turn-order.ts'
import type { TurnOrderOptions, Turn } from '../../src/sweep/turn-order.ts'
import type { TurnResult } from '../../src/sweep/turn-result.ts'

const ASHA = { type: 'asha', min_epochs: 1, eta: 3 }

function resultOf(turn: Turn, loss: number | null): TurnResult {
  const { epochs, ...rest } = turn
  return { ...rest, ...(epochs !== undefined && { epochs }), point: [], set: {}, loss, seeds: [] }
}

/**
 * The turns of a whole sweep. As many workers as there are train turns that end in any order: `choose` picks the one of
 * those at work that ends next.
 */
function turnsOf(
  options: TurnOrderOptions,
  lossOf: (turn: Turn) => number | null,
  workers: number,
  choose: (count: number) => number,
): Turn[] {
  const order = new TurnOrder(options)
  const done = new Map<number, TurnResult>()
  const busy: Turn[] = []
  let next = 1
  const isKnown = (number: number): boolean =>
    Array.from({ length: number }, (_, i) => i + 1).every(
      (one) => order.at(one) === undefined || done.has(one),
    )
  while (!order.isComplete || busy.length > 0 || next <= order.length) {
    while (!order.isComplete && isKnown(order.needed)) {
      const needed = order.needed
      order.decide(
        [...done.values()].filter(({ turn }) => turn <= needed).toSorted((a, b) => a.turn - b.turn),
      )
    }
    for (; busy.length < workers && next <= order.length; next++) {
      const turn = order.at(next)
      if (turn) busy.push(turn)
    }
    const [ended] = busy.splice(choose(busy.length), 1)
    if (ended) done.set(ended.turn, resultOf(ended, lossOf(ended)))
  }
  return Array.from({ length: order.length }, (_, i) => order.at(i + 1)).filter((turn) => turn !== undefined)
}

/** The losses of trials on rungs, some of which fail. */
const losses = (seed: number) => (turn: Turn) => {
  const hash = Math.imul(turn.trial * 7 + turn.rung * 13 + seed * 31, 2654435761) >>> 8
  return hash % 11 === 0 ? null : hash % 1000
}

describe('the order of turns', () => {
  it.each(['asha', 'hyperband'])('of %s is the same whoever trains and in which order turns end', (type) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.nat()),
        (most, lag, seed, workers, picks) => {
          const options = { most, lag, pruner: { ...ASHA, type }, epochs: 27 }
          const alone = turnsOf(options, losses(seed), 1, () => 0)
          const pick = (count: number): number => (picks.next().value ?? 0) % Math.max(1, count)
          expect(turnsOf(options, losses(seed), workers, pick)).toEqual(alone)
          expect(new Set(alone.map(({ trial }) => trial)).size).toBe(most)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('promotes the best third of a rung, as soon as it is known', () => {
    const options = { most: 9, lag: 1, pruner: ASHA, epochs: 9 }
    const turns = turnsOf(
      options,
      ({ trial }) => trial,
      1,
      () => 0,
    )
    expect(turns.map(({ trial, epochs }) => `${trial}:${epochs ?? 'end'}`)).toEqual([
      '1:1',
      '2:1',
      '3:1',
      '1:3',
      '4:1',
      '5:1',
      '6:1',
      '2:3',
      '7:1',
      '8:1',
      '9:1',
      '3:3',
      '1:end',
    ])
  })

  it('promotes no trial that failed', () => {
    const options = { most: 6, lag: 2, pruner: ASHA, epochs: 3 }
    const turns = turnsOf(
      options,
      () => null,
      2,
      () => 0,
    )
    expect(turns.every(({ epochs }) => epochs === 1)).toBe(true)
  })

  it('without a pruner trains every trial once', () => {
    const options = { most: 5, lag: Infinity, pruner: undefined, epochs: 3 }
    const turns = turnsOf(
      options,
      () => 1,
      3,
      () => 0,
    )
    expect(turns.map(({ turn, trial, epochs }) => [turn, trial, epochs])).toEqual(
      [1, 2, 3, 4, 5].map((trial) => [trial, trial, undefined]),
    )
  })
})
