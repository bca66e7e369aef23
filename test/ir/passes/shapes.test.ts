import { expect, it } from 'vitest'

import type { Builder } from '../../../src/ir/builder.ts'
import type { Value } from '../../../src/ir/ir.ts'
import { simplifyShapes } from '../../../src/ir/passes/shapes.ts'
import { rewritten } from './support.ts'

/** x is f32[2, 3, 4]. */
type Case = [string, (b: Builder, x: Value) => Value, string[]]

const CASES: Case[] = [
  [
    'a reshape of a reshape',
    (b, x) => b.reshape(b.reshape(x, [6, 4]), [24]),
    ['%0: f32[24] = reshape(x)', 'output y = %0'],
  ],
  ['a reshape and back', (b, x) => b.reshape(b.reshape(x, [6, 4]), [2, 3, 4]), ['output y = x']],
  ['a transpose and back', (b, x) => b.transpose(b.transpose(x, [2, 0, 1]), [1, 2, 0]), ['output y = x']],
  [
    'a transpose of a transpose',
    (b, x) => b.transpose(b.transpose(x, [2, 0, 1]), [2, 1, 0]),
    ['%0: f32[3, 2, 4] = transpose(x, [1, 0, 2])', 'output y = %0'],
  ],
  [
    'a transpose that moves only an axis of 1',
    (b, x) => b.transpose(b.reshape(x, [2, 1, 12]), [1, 0, 2]),
    ['%0: f32[1, 2, 12] = reshape(x)', 'output y = %0'],
  ],
  ['a reverse and back', (b, x) => b.reverse(b.reverse(x, 1), 1), ['output y = x']],
  [
    'a slice of a slice',
    (b, x) => b.slice(b.slice(x, [0, 1, 1], [2, 2, 3]), [1, 0, 1], [1, 2, 2]),
    ['%0: f32[1, 2, 2] = slice(x, starts: [1, 1, 2])', 'output y = %0'],
  ],
  [
    'a slice of a pad',
    (b, x) =>
      b.slice(
        b.pad(x, [
          [0, 0],
          [1, 2],
          [0, 0],
        ]),
        [0, 1, 0],
        [2, 3, 4],
      ),
    ['output y = x'],
  ],
  [
    'a slice of one part of a concat',
    (b, x) => b.sliceAxis(b.concat([x, b.neg(x)], 1), 1, 1, 2),
    ['%0: f32[2, 2, 4] = slice(x, starts: [0, 1, 0])', 'output y = %0'],
  ],
  [
    'a pad of a pad',
    (b, x) =>
      b.pad(
        b.pad(x, [
          [0, 0],
          [1, 0],
          [0, 0],
        ]),
        [
          [0, 0],
          [1, 1],
          [0, 0],
        ],
      ),
    ['%0: f32[2, 6, 4] = pad(x, padding: [0, 0, 2, 1, 0, 0])', 'output y = %0'],
  ],
  [
    'a concat of a concat',
    (b, x) => b.concat([b.concat([x, x], 0), x], 0),
    ['%0: f32[6, 3, 4] = concat(x, x, x, axis: 0)', 'output y = %0'],
  ],
  [
    'a sum of a sum',
    (b, x) => b.sum(b.sum(x, 1), 1),
    ['%0: f32[2] = reduce_sum(x, axes: [1, 2])', 'output y = %0'],
  ],
  [
    'a sum over an axis of 1',
    (b, x) => b.sum(b.reshape(x, [2, 1, 12]), 1),
    ['%0: f32[2, 12] = reshape(x)', 'output y = %0'],
  ],
]

it.each(CASES)('simplifies %s', (_name, build, expected) => {
  expect(rewritten((b) => build(b, b.input('x', [2, 3, 4])), simplifyShapes)).toEqual(expected)
})

it('makes transposes of a product its flags', () => {
  const lines = rewritten(
    (b) => b.matmul(b.transpose(b.input('a', [3, 2]), [1, 0]), b.transpose(b.input('c', [4, 3]), [1, 0])),
    simplifyShapes,
  )
  expect(lines).toEqual(['%0: f32[2, 4] = matmul(a, c, transpose_a, transpose_b)', 'output y = %0'])
})

it('multiplies many matrices by one as one', () => {
  const lines = rewritten((b) => b.matmul(b.input('a', [5, 2, 3]), b.input('c', [3, 4])), simplifyShapes)
  expect(lines).toEqual([
    '%0: f32[10, 3] = reshape(a)',
    '%1: f32[10, 4] = matmul(%0, c)',
    '%2: f32[5, 2, 4] = reshape(%1)',
    'output y = %2',
  ])
})

it.each([
  [{ transposeA: false }, 'matmul(%0, a, transpose_b)'],
  [{ transposeA: true }, 'matmul(%0, a)'],
])('lays a product of one column down: %o', (flags, product) => {
  const shape = flags.transposeA ? [3, 5] : [5, 3]
  const lines = rewritten((b) => b.matmul(b.input('a', shape), b.input('c', [3, 1]), flags), simplifyShapes)
  expect(lines).toEqual([
    '%0: f32[1, 3] = reshape(c)',
    `%1: f32[1, 5] = ${product}`,
    '%2: f32[5, 1] = reshape(%1)',
    'output y = %2',
  ])
})
