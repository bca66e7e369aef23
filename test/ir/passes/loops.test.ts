import { expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { scan } from '../../../src/ir/scan.ts'

/** The loops of an optimised program. */
function loopsOf(program: Program): Value<'scan'>[] {
  return optimize(program).values.flatMap((value) => (value.op === 'scan' ? [value] : []))
}

function opsOf({ values }: Program): string[] {
  return values.map((value) => (value.op === 'unary' || value.op === 'binary' ? value.function : value.op))
}

/** h = tanh(h · w + x[step]) over 6 steps of x, beside a count that nothing reads: the last h and all of them. */
function recurrent(b: Builder, weights: (b: Builder) => Value): Record<'last' | 'all', Value> {
  const x = b.input('x', [2, 6, 3])
  const zeros = b.constant(0, [2, 3])
  const { finals, stacks } = scan(b, { steps: 6 }, [zeros, zeros], (body, step, [h = x, count = x]) => {
    const next = body.tanh(body.add(body.matmul(h, weights(body)), body.take(x, step, 1)))
    return { states: [next, body.add(count, 1)], yields: [{ value: next, axis: 1 }] }
  })
  return { last: finals[0] ?? x, all: stacks[0] ?? x }
}

it('a loop keeps only what is read: neither states that feed themselves alone nor what a gradient would need', () => {
  const b = new Builder()
  const w = b.input('w', [3, 3])
  const { last } = recurrent(b, () => w)
  const [loop] = loopsOf(b.program([['y', last]]))
  expect(loop?.initial).toHaveLength(1)
  expect(loop?.axes).toEqual([])
  expect(loop && opsOf(loop.body)).not.toContain('constant')
})

it('what the gradient needs is kept, each value once', () => {
  const b = new Builder()
  const w = b.input('w', [3, 3])
  const { last } = recurrent(b, () => w)
  const [gradient = w] = differentiate(b, b.sum(last), [w])
  const [forward, backward, ...more] = loopsOf(b.program([['y', gradient]]))
  expect(more).toEqual([])
  // The states after each step, which the loop yields anyway, and those before.
  expect(forward?.axes).toEqual([1, 0])
  expect(backward?.reverse).toBe(true)
  // The gradients of the state and of w; nobody asks for that of x.
  expect(backward?.initial.map(({ shape }) => shape)).toEqual([
    [2, 3],
    [3, 3],
  ])
  expect(backward?.axes).toEqual([])
})

it('what is the same at every step is computed outside, and constants of several numbers lie there', () => {
  const b = new Builder()
  const w = b.input('w', [3, 3])
  const factors = (inside: Builder): Value => inside.mul(inside.exp(w), inside.constant([1, 2, 3]))
  const { all } = recurrent(b, factors)
  const program = optimize(b.program([['y', all]]))
  const [loop] = program.values.flatMap((value) => (value.op === 'scan' ? [value] : []))
  expect(opsOf(program)).toEqual(expect.arrayContaining(['exp', 'mul', 'constant']))
  expect(loop && opsOf(loop.body)).toEqual(expect.not.arrayContaining(['exp', 'mul', 'constant']) as unknown)
})

it('a number from outside stands in the body', () => {
  const b = new Builder()
  const half = b.constant(0.5, [2, 3])
  const { finals } = scan(b, { steps: 6 }, [b.input('x', [2, 3])], (body, _step, [h = half]) => {
    return { states: [body.mul(h, half)], yields: [] }
  })
  const [loop] = loopsOf(b.program([['y', finals[0] ?? half]]))
  expect(loop?.captured).toEqual([])
  expect(loop && opsOf(loop.body)).toEqual(expect.arrayContaining(['constant', 'mul']) as unknown)
})
