import { expect, it } from 'vitest'

import { encodeInput } from '../../../src/data/fit/encode.ts'
import type { Column } from '../../../src/table/table.ts'
import { rowsUpTo, tableOf } from '../support.ts'

it.each([
  ['in another order', [2, 0, 1], [4, 5, 0, 1, 2, 3]],
  ['of which one comes twice', [0, 1, 1], [0, 1, 2, 3, 2, 3]],
  ['as they are', [...rowsUpTo(3)], [0, 1, 2, 3, 4, 5]],
])('takes rows of bytes %s', (_, rows, expected) => {
  const pixels: Column = { kind: 'array', name: 'image', shape: [2], values: Uint8Array.of(0, 1, 2, 3, 4, 5) }
  const input = {
    name: 'input',
    shape: [2],
    features: [{ kind: 'array' as const, column: 'image', shape: [2], scalings: [] }],
  }
  const { data } = encodeInput(tableOf([pixels]), Uint32Array.from(rows), input)
  expect(data.slice(0, 2 * rows.length)).toEqual(Uint8Array.from(expected))
})
