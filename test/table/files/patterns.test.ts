import { expect, it, vi } from 'vitest'

import { expand } from '../../../src/table/files/patterns.ts'

/** More values than a function takes as arguments. */
const MANY = 130_000

vi.mock('tinyglobby', () => ({
  escapePath: (path: string) => path,
  glob: () => Promise.resolve(Array.from({ length: MANY }, (_, i) => `${i}.png`)),
}))

it('a pattern may stand for any number of files', async () => {
  expect(await expand(['a.png', '*.png'], '.')).toHaveLength(MANY + 1)
})
