import { expect, it } from 'vitest'

import { sinkBroadcasts } from '../../../src/ir/passes/broadcasts.ts'
import { rewritten } from './support.ts'

it('leaves the broadcasting of operands to the operation', () => {
  const lines = rewritten(
    (b) => b.add(b.input('x', [2, 3]), b.broadcast(b.input('bias', [3]), [2, 3])),
    sinkBroadcasts,
  )
  expect(lines).toEqual(['%0: f32[2, 3] = add(x, bias)', 'output y = %0'])
})

it('computes on what is broadcast rather than on the result', () => {
  const lines = rewritten((b) => {
    const wide = b.broadcast(b.input('x', [3, 1]), [3, 100])
    return b.exp(b.mul(wide, b.broadcast(b.constant(0.5), [3, 100])))
  }, sinkBroadcasts)
  expect(lines).toEqual([
    '%0: f32[3, 1] = mul(x, 0.5)',
    '%1: f32[3, 1] = exp(%0)',
    '%2: f32[3, 100] = broadcast(%1)',
    'output y = %2',
  ])
})

it('sums equal elements by multiplying', () => {
  const lines = rewritten((b) => b.sum(b.broadcast(b.input('x', [3, 1]), [2, 3, 100])), sinkBroadcasts)
  expect(lines).toEqual([
    '%0: f32[1, 3, 1] = reshape(x)',
    '%1: f32[] = reduce_sum(%0, axes: [0, 1, 2])',
    '%2: f32[] = mul(%1, 200)',
    'output y = %2',
  ])
})

it('takes the largest of equal elements once', () => {
  const lines = rewritten((b) => b.reduceMax(b.broadcast(b.input('x', []), [5])), sinkBroadcasts)
  expect(lines.at(-2)).toMatch(/reduce_max\(%0, axes: \[0\]\)/)
  expect(lines[0]).toBe('%0: f32[1] = reshape(x)')
})

it('rearranges one element by broadcasting it anew', () => {
  const lines = rewritten(
    (b) => b.transpose(b.reshape(b.broadcast(b.input('x', []), [6]), [2, 3]), [1, 0]),
    sinkBroadcasts,
  )
  expect(lines).toEqual(['%0: f32[3, 2] = broadcast(x)', 'output y = %0'])
})
