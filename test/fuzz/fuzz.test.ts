import { expect, it } from 'vitest'

import { runs } from '../runs.ts'
import { tryPair } from './try-pair.ts'

/** The pairs that are tried here; `npm run fuzz -- SEED COUNT` tries more. */
const SEED = 1
const PAIRS = runs(12)

it(
  'random pairs of a config and rows train, with the figures that their predictions come to',
  {
    timeout: 60_000 + 5000 * PAIRS,
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
