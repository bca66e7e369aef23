import { expect, it } from 'vitest'

import { commonSubexpressions } from '../../../src/ir/passes/common-subexpressions.ts'
import { rewritten } from './support.ts'

it('computes equal operations once', () => {
  const lines = rewritten((b) => {
    const x = b.input('x', [2])
    return b.div(b.exp(b.sub(x, 1)), b.sum(b.exp(b.sub(x, 1))))
  }, commonSubexpressions())
  expect(lines).toEqual([
    '%0: f32[2] = sub(x, 1)',
    '%1: f32[2] = exp(%0)',
    '%2: f32[] = reduce_sum(%1, axes: [0])',
    '%3: f32[2] = div(%1, %2)',
    'output y = %3',
  ])
})

it.each([
  ['constants', [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 9]],
  ['signs of zero', [0, 1], [-0, 1]],
])('tells %s apart', (_name, first, second) => {
  const lines = rewritten((b) => b.div(b.constant(first), b.constant(second)), commonSubexpressions())
  expect(lines).toHaveLength(4)
})

it('tells streams of random numbers apart', () => {
  const lines = rewritten((b) => {
    const counter = b.input('counter', [], 'i32')
    return b.add(b.random('a', counter, [2]), b.add(b.random('b', counter, [2]), b.random('a', counter, [2])))
  }, commonSubexpressions())
  expect(lines.filter((line) => line.includes('random'))).toHaveLength(2)
})

it('tells shapes apart', () => {
  const lines = rewritten((b) => {
    const x = b.input('x', [4])
    return b.add(b.sum(b.reshape(x, [2, 2])), b.sum(b.reshape(x, [4, 1])))
  }, commonSubexpressions())
  expect(lines.filter((line) => line.includes('reshape'))).toHaveLength(2)
})
