import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import type { Program } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { randomProgram } from '../../ir/random-program.ts'
import { runs } from '../../runs.ts'
import { execute } from './execute.ts'

function inputsOf(program: Program): Map<string, ArrayLike<number>> {
  return new Map(
    [...program.inputs].map(([name, { shape, dtype }], k) => [
      name,
      dtype === 'i32'
        ? new Int32Array(sizeOf(shape)).fill(3)
        : Float32Array.from(
            { length: sizeOf(shape) },
            (_, i) => 1.7 * Math.sin(12.9898 * (i + 1) + 78.233 * (k + 1)),
          ),
    ]),
  )
}

/** Whether a rounding error may change a result by much: where a function jumps. */
function jumps(program: Program): boolean {
  return program.values.some(
    (value) =>
      (value.op === 'unary' && ['floor', 'ceil', 'sign'].includes(value.function)) ||
      (value.op === 'binary' && ['equal', 'less', 'less_equal'].includes(value.function)) ||
      (value.op === 'cast' && value.dtype === 'i32') ||
      (value.op === 'scan' && jumps(value.body)) ||
      ['argmax', 'max_pool_gradient'].includes(value.op),
  )
}

/** The share of elements that agree. */
function agreement(program: Program): number {
  const inputs = inputsOf(program)
  const found = execute(program, inputs)
  let [agreeing, total] = [0, 0]
  for (const [name, expected] of interpret(program, inputs)) {
    const actual = found.get(name) ?? []
    expected.forEach((x, i) => {
      const y = actual[i] ?? NaN
      total++
      if (x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= 1e-3 * (1 + Math.abs(x)))
        agreeing++
    })
  }
  return total === 0 ? 1 : agreeing / total
}

test.each([
  ['as built', (program: Program) => program],
  ['optimised', optimize],
] as const)('random programs agree with the interpreter, %s', (_, prepare) => {
  let [agreed, count] = [0, 0]
  fc.assert(
    fc.property(randomProgram(), (program) => {
      const share = agreement(prepare(program))
      count++
      if (share === 1) agreed++
      expect(share === 1 || jumps(program)).toBe(true)
    }),
    { numRuns: runs(30) },
  )
  expect(agreed / count).toBeGreaterThan(0.95)
})
