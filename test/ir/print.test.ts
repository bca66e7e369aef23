import { expect, it } from 'vitest'

import { Builder } from '../../src/ir/builder.ts'
import { print } from '../../src/ir/print.ts'

it('shows a line a value, inputs by name, numbers in place', () => {
  const b = new Builder()
  const x = b.input('input:x', [4, 6, 6, 4])
  const kernel = b.input('parameter:conv/kernel', [3, 3, 2, 4])
  const padding = [
    [1, 1],
    [1, 1],
  ] as const
  const product = b.convolution(x, kernel, { strides: [1, 2], dilation: [1, 1], padding, groups: 2 })
  const pooled = b.pool('max', b.relu(product), {
    size: [2, 2],
    strides: [2, 2],
    padding: [
      [0, 0],
      [0, 0],
    ],
  })
  const scaled = b.mul(pooled, b.constant([0.1, 1e-7, -3, 1 / 3], [4]))
  const program = b.program([['loss', b.mul(b.sum(scaled), 0.25)]])
  expect(print(program)).toMatchInlineSnapshot(`
    "input input:x: f32[4, 6, 6, 4]
    input parameter:conv/kernel: f32[3, 3, 2, 4]
    %2: f32[4, 6, 3, 4] = convolution(input:x, parameter:conv/kernel, strides: [1, 2], padding: [1, 1, 1, 1], groups: 2)
    %3: f32[4, 6, 3, 4] = relu(%2)
    %4: f32[4, 3, 1, 4] = pool_max(%3, size: [2, 2], strides: [2, 2])
    %5: f32[4] = constant([0.1, 1e-7, -3, 0.33333334])
    %6: f32[4, 3, 1, 4] = mul(%4, %5)
    %7: f32[] = reduce_sum(%6, axes: [0, 1, 2, 3])
    %9: f32[] = mul(%7, 0.25)
    output loss = %9
    "
  `)
})

it('shortens constants', () => {
  const b = new Builder()
  expect(print(b.program([['y', b.constant([1, 2, 3, 4, 5, 6, 7])]]))).toContain(
    'constant([1, 2, 3, 4, 5, 6, ...])',
  )
})
