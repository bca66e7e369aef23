import { expect, it } from 'vitest'

import type { Builder } from '../../../src/ir/builder.ts'
import type { Value } from '../../../src/ir/ir.ts'
import { simplifyArithmetic } from '../../../src/ir/passes/arithmetic.ts'
import { rewritten } from './support.ts'

type Case = [string, (b: Builder, x: Value, z: Value) => Value, string[]]

const CASES: Case[] = [
  ['x + 0', (b, x) => b.add(x, 0), ['output y = x']],
  ['0 + x', (b, x) => b.add(0, x), ['output y = x']],
  ['x - 0', (b, x) => b.sub(x, 0), ['output y = x']],
  ['0 - x', (b, x) => b.sub(0, x), ['%0: f32[2] = neg(x)', 'output y = %0']],
  ['x * 1', (b, x) => b.mul(x, 1), ['output y = x']],
  ['x * -1', (b, x) => b.mul(x, -1), ['%0: f32[2] = neg(x)', 'output y = %0']],
  ['x / 1', (b, x) => b.div(x, 1), ['output y = x']],
  ['x / 4', (b, x) => b.div(x, 4), ['%0: f32[2] = mul(x, 0.25)', 'output y = %0']],
  [
    'x / 3, whose reciprocal is not exact',
    (b, x) => b.div(x, 3),
    ['%0: f32[2] = div(x, 3)', 'output y = %0'],
  ],
  ['x * 0, which may not be 0', (b, x) => b.mul(x, 0), ['%0: f32[2] = mul(x, 0)', 'output y = %0']],
  ['(x * 2) * 3', (b, x) => b.mul(b.mul(x, 2), 3), ['%0: f32[2] = mul(x, 6)', 'output y = %0']],
  [
    '(x * 1e-30) * 1e-30, which a float32 does not hold',
    (b, x) => b.mul(b.mul(x, 1e-30), 1e-30),
    ['%0: f32[2] = mul(x, 1e-30)', '%1: f32[2] = mul(%0, 1e-30)', 'output y = %1'],
  ],
  ['x ^ 0', (b, x) => b.pow(x, 0), ['%0: f32[2] = broadcast(1)', 'output y = %0']],
  ['x ^ 0.5', (b, x) => b.pow(x, 0.5), ['%0: f32[2] = sqrt(x)', 'output y = %0']],
  ['x ^ 1', (b, x) => b.pow(x, 1), ['output y = x']],
  ['x ^ 2', (b, x) => b.pow(x, 2), ['%0: f32[2] = square(x)', 'output y = %0']],
  ['x * x', (b, x) => b.mul(x, x), ['%0: f32[2] = square(x)', 'output y = %0']],
  ['-(-x)', (b, x) => b.neg(b.neg(x)), ['output y = x']],
  ['-(x - z)', (b, x, z) => b.neg(b.sub(x, z)), ['%0: f32[2] = sub(z, x)', 'output y = %0']],
  ['x + (-z)', (b, x, z) => b.add(x, b.neg(z)), ['%0: f32[2] = sub(x, z)', 'output y = %0']],
  ['(-x) + z', (b, x, z) => b.add(b.neg(x), z), ['%0: f32[2] = sub(z, x)', 'output y = %0']],
  [
    '(-x) / z',
    (b, x, z) => b.div(b.neg(x), z),
    ['%0: f32[2] = div(x, z)', '%1: f32[2] = neg(%0)', 'output y = %1'],
  ],
  [
    'x / (-z)',
    (b, x, z) => b.div(x, b.neg(z)),
    ['%0: f32[2] = div(x, z)', '%1: f32[2] = neg(%0)', 'output y = %1'],
  ],
  ['-(x * 3)', (b, x) => b.neg(b.mul(x, 3)), ['%0: f32[2] = mul(x, -3)', 'output y = %0']],
  ['the square of -x', (b, x) => b.square(b.neg(x)), ['%0: f32[2] = square(x)', 'output y = %0']],
  ['|-x|', (b, x) => b.abs(b.neg(x)), ['%0: f32[2] = abs(x)', 'output y = %0']],
  ['x - (-z)', (b, x, z) => b.sub(x, b.neg(z)), ['%0: f32[2] = add(x, z)', 'output y = %0']],
  ['-x * -z', (b, x, z) => b.mul(b.neg(x), b.neg(z)), ['%0: f32[2] = mul(x, z)', 'output y = %0']],
  [
    'z + x, in the order of their making',
    (b, x, z) => b.add(z, x),
    ['%0: f32[2] = add(x, z)', 'output y = %0'],
  ],
  ['relu of relu', (b, x) => b.relu(b.relu(x)), ['%0: f32[2] = relu(x)', 'output y = %0']],
  ['select by 1', (b, x, z) => b.select(b.constant(1), x, z), ['output y = x']],
  ['select by 0', (b, x, z) => b.select(b.constant(0), x, z), ['output y = z']],
  ['select of one value', (b, x, z) => b.select(z, x, x), ['output y = x']],
  ['stop_gradient', (b, x) => b.stopGradient(x), ['output y = x']],
]

it.each(CASES)('simplifies %s', (_name, build, expected) => {
  expect(rewritten((b) => build(b, b.input('x', [2]), b.input('z', [2])), simplifyArithmetic)).toEqual(
    expected,
  )
})

it('keeps the shape that a neutral element broadcasts to', () => {
  const lines = rewritten(
    (b) => b.add(b.input('x', [2]), b.broadcast(b.constant(0), [3, 2])),
    simplifyArithmetic,
  )
  expect(lines).toEqual(['%0: f32[3, 2] = broadcast(x)', 'output y = %0'])
})
