import { expect, it } from 'vitest'

import { partsOf } from '../../src/step/parts.ts'

it('cuts a batch into parts of equal rows, the first ones with one more', () => {
  const sizes = (rows: number, parts: number) => partsOf(rows, parts).map(({ from, end }) => end - from)
  expect(sizes(12, 4)).toEqual([3, 3, 3, 3])
  expect(sizes(11, 4)).toEqual([3, 3, 3, 2])
  expect(sizes(2, 4)).toEqual([1, 1, 0, 0])
  const cut = partsOf(11, 4)
  expect(cut.map(({ from }) => from)).toEqual([0, ...cut.slice(0, -1).map(({ end }) => end)])
})
