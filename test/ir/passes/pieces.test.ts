import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { removeDeadCode } from '../../../src/ir/passes/dead-code.ts'
import { joinPieces } from '../../../src/ir/passes/pieces.ts'
import { print } from '../../../src/ir/print.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import { compile } from '../../../src/backend/wasm/module.ts'
import { expectClose } from '../../golden/golden.ts'
import { runs } from '../../runs.ts'
import { modelOf } from '../../step/random-model.ts'
import { inputsOf } from '../random-program.ts'
import { bodyOf } from './support.ts'

/** What the pass makes of a program, line by line. */
function joined(build: (b: Builder) => Value): string[] {
  const b = new Builder()
  return bodyOf(print(removeDeadCode(joinPieces(b.program([['y', build(b)]])))))
}

function expectSame(program: Program, other: Program): void {
  const inputs = inputsOf(program)
  const [expected, actual] = [interpret(program, inputs), interpret(other, inputs)]
  for (const [name, value] of expected) expectClose(actual.get(name) ?? [], [...value], { absolute: 1e-5 })
}

/** The pad of x along one axis to a length. */
function within(b: Builder, x: Value, axis: number, start: number, length: number): Value {
  return b.pad(
    x,
    x.shape.map((size, i) => (i === axis ? [start, length - start - size] : [0, 0])),
  )
}

function total(b: Builder, terms: readonly Value[]): Value {
  return terms.reduce((sum, term) => b.add(sum, term))
}

describe('pieces in a sum', () => {
  const columns = (b: Builder, ...starts: number[]): Value[] =>
    starts.map((start, i) => within(b, b.input(`x${i}`, [3, 2]), 1, start, 8))

  it('that lie side by side are one concat, in the order of their places', () => {
    expect(joined((b) => total(b, columns(b, 6, 0, 4, 2)))).toEqual([
      '%0: f32[3, 8] = concat(x1, x3, x2, x0, axis: 1)',
      'output y = %0',
    ])
  })

  it('have zeros between and around them', () => {
    expect(joined((b) => total(b, columns(b, 1, 4)))).toEqual([
      '%0: f32[3, 3] = pad(x1, padding: [0, 0, 1, 0])',
      '%1: f32[3, 5] = concat(x0, %0, axis: 1)',
      '%2: f32[3, 8] = pad(%1, padding: [0, 0, 1, 2])',
      'output y = %2',
    ])
  })

  it('that overlap are rows that are added', () => {
    expect(joined((b) => total(b, columns(b, 0, 2, 1, 4)))).toEqual([
      '%0: f32[3, 6] = concat(x0, x1, x3, axis: 1)',
      '%1: f32[3, 8] = pad(%0, padding: [0, 0, 0, 2])',
      '%2: f32[3, 8] = pad(x2, padding: [0, 0, 1, 5])',
      '%3: f32[3, 8] = add(%1, %2)',
      'output y = %3',
    ])
  })

  it('are found among other terms', () => {
    const lines = joined((b) => {
      const z = b.input('z', [3, 8])
      const [x, y] = columns(b, 0, 6)
      return x && y
        ? total(b, [
            x,
            z,
            b.pad(
              b.input('w', [1, 1]),
              [
                [0, 2],
                [3, 4],
              ],
              1,
            ),
            y,
          ])
        : z
    })
    expect(lines.filter((line) => line.includes('add('))).toHaveLength(2)
    expect(lines.filter((line) => line.includes('concat('))).toHaveLength(1)
  })

  it('of blocks are rows of rows', () => {
    const lines = joined((b) =>
      total(
        b,
        [0, 2, 1, 3].map((i) =>
          b.pad(b.input(`x${i}`, [1, 1]), [
            [i >> 1, 1 - (i >> 1)],
            [i & 1, 1 - (i & 1)],
          ]),
        ),
      ),
    )
    expect(lines).toEqual([
      '%0: f32[2, 1] = concat(x0, x2, axis: 0)',
      '%1: f32[2, 1] = concat(x1, x3, axis: 0)',
      '%2: f32[2, 2] = concat(%0, %1, axis: 1)',
      'output y = %2',
    ])
  })

  it('stay where there is nothing to join', () => {
    const b = new Builder()
    const program = b.program([['y', total(b, [...columns(b, 1, 1), b.input('z', [3, 8])])]])
    expect(joinPieces(program)).toBe(program)
  })
})

it('keeps sums that are used elsewhere', () => {
  const b = new Builder()
  const x = b.input('x', [4])
  const sum = b.add(within(b, b.sliceAxis(x, 0, 0, 2), 0, 0, 4), within(b, b.sliceAxis(x, 0, 2, 2), 0, 2, 4))
  const program = b.program([
    ['y', b.add(sum, within(b, b.sliceAxis(x, 0, 1, 2), 0, 1, 4))],
    ['z', b.mul(sum, 2)],
  ])
  const after = joinPieces(program)
  expect(after).not.toBe(program)
  expectSame(program, after)
})

it('keeps the gradients of tensors that are read in random slices', () => {
  const slice = fc.record({ starts: fc.tuple(fc.nat(3), fc.nat(4)), sizes: fc.tuple(fc.nat(3), fc.nat(4)) })
  fc.assert(
    fc.property(fc.array(slice, { minLength: 1, maxLength: 8 }), (slices) => {
      const b = new Builder()
      const x = b.input('x', [4, 5])
      const losses = slices.map(({ starts, sizes }) => {
        const fitting = x.shape.map((length, i) => 1 + Math.min(sizes[i] ?? 0, length - 1 - (starts[i] ?? 0)))
        return b.sum(b.square(b.slice(x, starts, fitting)))
      })
      const [gradient = x] = differentiate(b, total(b, losses), [x])
      const program = removeDeadCode(b.program([['dx', gradient]]))
      expectSame(program, joinPieces(program))
    }),
    { numRuns: runs(100) },
  )
})

it.each(['lstm', 'gru', 'simple_rnn'])('memory of the training step of %s grows with the steps', (type) => {
  const memory = (steps: number): number => {
    const model = modelOf(
      {
        model: {
          input: [steps, 16],
          layers: [
            { type, units: 32 },
            { type: 'dense', units: 1 },
          ],
        },
        compile: { loss: 'mean_squared_error', optimizer: 'sgd' },
      },
      16,
    )
    const { program } = buildTrainStep(model.task, 16)
    return compile(optimize(program), { arithmetic: 'mul_add', seed: 0 }).memoryBytes
  }
  expect(memory(40)).toBeLessThan(2.2 * memory(20))
})
