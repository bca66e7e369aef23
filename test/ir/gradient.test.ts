import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Builder } from '../../src/ir/builder.ts'
import { differentiate } from '../../src/ir/gradient.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import type { Value } from '../../src/ir/ir.ts'
import { replay } from '../../src/ir/passes/rewrite.ts'
import { runs } from '../runs.ts'
import { expectGradient, weighted } from './derivatives.ts'
import { inputsOf, randomProgram } from './random-program.ts'

it('of random programs is the slope that central differences find', () => {
  fc.assert(
    fc.property(randomProgram(), (program) => {
      const b = new Builder()
      const values = replay(b, program)
      const loss = weighted(
        b,
        [...program.outputs.values()].map((value) => values.get(value) ?? value),
      )
      const wrt = [...b.program([]).inputs.values()].filter(({ dtype }) => dtype === 'f32')
      expectGradient(b, loss, wrt, inputsOf(program))
    }),
    { numRuns: runs(75) },
  )
})

/** The gradient of the sum of y to x, and to z where y uses it. */
function gradients(
  build: (b: Builder, x: Value, z: Value) => Value,
  x: number[],
  z: number[] = [0],
): number[][] {
  const b = new Builder()
  const inputs = [b.input('x', [x.length]), b.input('z', [z.length])] as const
  const found = differentiate(b, b.sum(build(b, ...inputs)), inputs)
  const program = b.program(found.map((gradient, i) => [`d${i}`, gradient]))
  return [...interpret(program, new Map(Object.entries({ x, z }))).values()].map((elements) => [...elements])
}

describe('where a function has no derivative', () => {
  it.each<[string, (b: Builder, x: Value) => Value, number]>([
    ['relu', (b, x) => b.relu(x), 0],
    ['abs', (b, x) => b.abs(x), 0],
    ['sign', (b, x) => b.sign(x), 0],
    ['floor', (b, x) => b.floor(x), 0],
    ['clip at its bound', (b, x) => b.clip(x, 0, 1), 1],
  ])('%s has the slope at 0 that TensorFlow gives', (_name, build, slope) => {
    expect(gradients(build, [0])[0]).toEqual([slope])
  })

  it('the first of equal operands of max and min has it all', () => {
    expect(gradients((b, x, z) => b.max(x, z), [2], [2])).toEqual([[1], [0]])
    expect(gradients((b, x, z) => b.min(x, z), [2], [2])).toEqual([[1], [0]])
  })

  it('equal extremes of a reduction share', () => {
    expect(gradients((b, x) => b.reduceMax(x), [3, 1, 3])[0]).toEqual([0.5, 0, 0.5])
    expect(gradients((b, x) => b.reduceMin(x), [3, 1, 1])[0]).toEqual([0, 0.5, 0.5])
  })

  it('the first of equal elements of a pool has it all', () => {
    const pool = (b: Builder, x: Value): Value =>
      b.pool('max', b.reshape(x, [1, 4, 1]), { size: [2], strides: [2], padding: [[0, 0]] })
    expect(gradients(pool, [5, 5, 1, 2])[0]).toEqual([1, 0, 0, 1])
  })
})

it('does not flow through stop_gradient', () => {
  expect(gradients((b, x) => b.mul(x, b.stopGradient(x)), [3])[0]).toEqual([3])
})

it('of what a scalar does not depend on is 0', () => {
  expect(gradients((b, x) => b.exp(x), [0], [1, 2])).toEqual([[1], [0, 0]])
})

it('of a product is right beside zeros', () => {
  expect(gradients((b, x) => b.product(x), [2, 0, 5])[0]).toEqual([0, 10, 0])
  expect(gradients((b, x) => b.product(x), [2, 0, 0])[0]).toEqual([0, 0, 0])
})

it('of gathered rows adds up where a row is taken twice', () => {
  const rows = (b: Builder, x: Value): Value => b.gather(x, b.cast(b.constant([2, 0, 2]), 'i32'))
  expect(gradients(rows, [1, 1, 1])[0]).toEqual([1, 0, 2])
})

it('of softmax and crossentropy stays right for extreme logits', () => {
  const loss = (b: Builder, x: Value): Value => b.neg(b.mul(b.logSoftmax(x), b.constant([0, 1])))
  expect(gradients(loss, [1000, -1000])[0]).toEqual([1, -1])
})
