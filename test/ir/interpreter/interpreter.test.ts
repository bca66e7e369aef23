import { expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Value } from '../../../src/ir/ir.ts'

function valueOf(build: (b: Builder) => Value): number[] {
  const b = new Builder()
  return [...(interpret(b.program([['y', build(b)]]), new Map()).get('y') ?? [])]
}

const line = { strides: [1], dilation: [1], padding: [[0, 0]], groups: 1 } as const

it.each<[string, (b: Builder) => Value, number[]]>([
  [
    'convolution',
    (b) => b.convolution(b.constant([1, 2, 3, 4], [1, 4, 1]), b.constant([1, 10], [2, 1, 1]), line),
    [21, 32, 43],
  ],
  [
    'convolution with strides, dilation and padding',
    (b) =>
      b.convolution(b.constant([1, 2, 3, 4], [1, 4, 1]), b.constant([1, 10], [2, 1, 1]), {
        ...line,
        strides: [2],
        dilation: [2],
        padding: [[1, 1]],
      }),
    [20, 42],
  ],
  [
    'convolution in groups, the first filters of the first channels',
    (b) =>
      b.convolution(
        b.constant([1, 2, 3, 4], [1, 1, 4]),
        b.constant([1, 1, 1, 1, 10, 100, 10, 100], [1, 2, 4]),
        {
          ...line,
          groups: 2,
        },
      ),
    [21, 201, 43, 403],
  ],
  [
    'average pool over the elements inside',
    (b) =>
      b.pool('average', b.constant([2, 4, 6], [1, 3, 1]), { size: [2], strides: [2], padding: [[1, 0]] }),
    [2, 5],
  ],
  [
    'gradient of a max pool with windows that overlap',
    (b) => {
      const x = b.constant([1, 5, 5], [1, 3, 1])
      const geometry = { size: [2], strides: [1], padding: [[0, 0]] } as const
      return b.maxPoolGradient(x, b.pool('max', x, geometry), b.constant([3, 4], [1, 2, 1]), geometry)
    },
    [0, 7, 0],
  ],
  [
    'scatter_add of a row named twice',
    (b) => b.scatterAdd(b.constant([1, 2, 3, 4, 5, 6], [3, 2]), b.cast(b.constant([1, 0, 1]), 'i32'), 3),
    [3, 4, 6, 8, 0, 0],
  ],
  [
    'reduce over the middle axis',
    (b) => b.sum(b.constant([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), 1),
    [4, 6, 12, 14],
  ],
  [
    'argmax, the first of equals',
    (b) => b.cast(b.argmax(b.constant([1, 3, 3, 2, 0, 1], [2, 3])), 'f32'),
    [1, 0],
  ],
  ['transpose', (b) => b.transpose(b.constant([1, 2, 3, 4, 5, 6], [1, 2, 3]), [2, 0, 1]), [1, 4, 2, 5, 3, 6]],
  [
    'pad',
    (b) =>
      b.pad(
        b.constant([1, 2], [2, 1]),
        [
          [1, 0],
          [0, 1],
        ],
        9,
      ),
    [9, 9, 1, 9, 2, 9],
  ],
  ['reverse', (b) => b.reverse(b.constant([1, 2, 3, 4], [2, 2]), 1), [2, 1, 4, 3]],
  [
    'concat',
    (b) => b.concat([b.constant([1, 2], [2, 1]), b.constant([3, 4, 5, 6], [2, 2])], 1),
    [1, 3, 4, 2, 5, 6],
  ],
  ['iota', (b) => b.iota([2, 3], 1), [0, 1, 2, 0, 1, 2]],
])('computes %s', (_name, build, expected) => {
  expect(valueOf(build)).toEqual(expected)
})
