import { expect, it } from 'vitest'

import { foldConstants } from '../../../src/ir/passes/constants.ts'
import { rewritten } from './support.ts'

it('computes operations on constants', () => {
  expect(rewritten((b) => b.sqrt(b.add(b.constant(7), 2)), foldConstants)).toEqual(['output y = 3'])
  expect(rewritten((b) => b.mul(b.constant([1, 2, 3]), 2), foldConstants)).toEqual([
    '%0: f32[3] = constant([2, 4, 6])',
    'output y = %0',
  ])
})

it('rounds each result to float32', () => {
  const lines = rewritten((b) => b.sub(b.add(b.constant(1), 1e-9), 1), foldConstants)
  expect(lines).toEqual(['output y = 0'])
})

it('keeps one of equal elements and broadcasts it', () => {
  const lines = rewritten((b) => b.constant(0.5, [1000, 1000]), foldConstants)
  expect(lines).toEqual(['%0: f32[1000, 1000] = broadcast(0.5)', 'output y = %0'])
})

it('makes no large constants', () => {
  const lines = rewritten((b) => b.exp(b.iota([1000], 0)), foldConstants)
  expect(lines).toEqual(['%0: f32[1000] = iota(axis: 0)', '%1: f32[1000] = exp(%0)', 'output y = %1'])
  const outer = rewritten((b) => {
    const data = Array.from({ length: 20 }, (_, i) => i)
    return b.mul(b.constant(data, [20, 1]), b.constant(data, [1, 20]))
  }, foldConstants)
  expect(outer[2]).toBe('%2: f32[20, 20] = mul(%0, %1)')
})

it('draws no random numbers', () => {
  const lines = rewritten(
    (b) => b.random('s', b.append({ op: 'constant', data: Int32Array.of(1), shape: [] }), [2]),
    foldConstants,
  )
  expect(lines[0]).toMatch(/random/)
})
