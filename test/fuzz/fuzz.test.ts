import { expect, it } from 'vitest'

import { tryPair } from './try-pair.ts'

/** The pairs that are tried here; `npm run fuzz -- SEED COUNT` tries more. */
const SEED = 1
const PAIRS = 25

it(
  'random pairs of a config and rows train, with the figures that their predictions come to',
  {
    timeout: 120_000,
  },
  async () => {
    let trained = 0
    for (let number = 0; number < PAIRS; number++) {
      const { code, faults } = await tryPair(SEED, number)
      expect(faults, `pair ${number}`).toEqual([])
      if (code === 0) trained++
    }
    expect(trained).toBeGreaterThanOrEqual(0.8 * PAIRS)
  },
)
