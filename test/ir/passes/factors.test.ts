import { expect, it } from 'vitest'

import { moveFactorsOut } from '../../../src/ir/passes/factors.ts'
import { rewritten } from './support.ts'

it('multiplies a sum instead of its terms', () => {
  const lines = rewritten((b) => b.sum(b.mul(b.input('x', [8]), 0.5)), moveFactorsOut)
  expect(lines).toEqual(['%0: f32[] = reduce_sum(x, axes: [0])', '%1: f32[] = mul(%0, 0.5)', 'output y = %1'])
})

it('divides the sum of a row by what the row shares', () => {
  const lines = rewritten(
    (b) => b.sum(b.div(b.input('x', [4, 8]), b.input('scale', [4, 1])), 1),
    moveFactorsOut,
  )
  expect(lines).toEqual([
    '%0: f32[4] = reshape(scale)',
    '%1: f32[4] = reduce_sum(x, axes: [1])',
    '%2: f32[4] = div(%1, %0)',
    'output y = %2',
  ])
})

it('keeps factors that vary along the sum', () => {
  const lines = rewritten((b) => b.sum(b.mul(b.input('x', [4, 8]), b.input('scale', [8])), 1), moveFactorsOut)
  expect(lines[0]).toBe('%0: f32[4, 8] = mul(x, scale)')
})

it('keeps factors that vary along one of several summed axes', () => {
  const lines = rewritten((b) => b.sum(b.mul(b.input('x', [4, 8]), b.input('scale', [4, 1]))), moveFactorsOut)
  expect(lines[0]).toBe('%0: f32[4, 8] = mul(x, scale)')
})

it('scales the smaller of a product and its operand', () => {
  const product = (rows: number, columns: number) =>
    rewritten(
      (b) => b.matmul(b.mul(b.input('a', [rows, 8]), 0.5), b.input('c', [8, columns])),
      moveFactorsOut,
    )
  expect(product(4, 2)).toEqual([
    '%0: f32[4, 2] = matmul(a, c)',
    '%1: f32[4, 2] = mul(%0, 0.5)',
    'output y = %1',
  ])
  expect(product(4, 9)[0]).toBe('%0: f32[4, 8] = mul(a, 0.5)')
})

it('keeps a product that something else uses', () => {
  const lines = rewritten((b) => {
    const scaled = b.mul(b.input('x', [8]), 0.5)
    return b.add(scaled, b.sum(scaled))
  }, moveFactorsOut)
  expect(lines.slice(0, 2)).toEqual(['%0: f32[8] = mul(x, 0.5)', '%1: f32[] = reduce_sum(%0, axes: [0])'])
})
