// Loops over steps in WebAssembly: the same bits on any number of threads, code that does not grow with the steps.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compile } from '../../../src/backend/wasm/module.ts'
import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { scan } from '../../../src/ir/scan.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import { expectClose } from '../../golden/golden.ts'
import { inputsOf, MAKERS, randomProgram } from '../../ir/random-program.ts'
import { runs } from '../../runs.ts'
import { modelOf } from '../../step/random-model.ts'
import { execute, Execution } from './execute.ts'

/** Programs that end in a loop. */
const loops = randomProgram({ operations: 4, last: MAKERS.scan })

test('random loops have the same bits on any number of threads', async () => {
  await fc.assert(
    fc.asyncProperty(loops, fc.boolean(), fc.integer({ min: 2, max: 4 }), async (source, fast, threads) => {
      const program = fast ? optimize(source) : source
      const inputs = inputsOf(program)
      const alone = execute(program, inputs, { tiny: 0 })
      const together = new Execution(program, { tiny: 0, threads })
      for (const [name, numbers] of inputs) together.write(name, numbers)
      // Twice: nothing is left of the first run.
      await together.runOnThreads(threads, 2)
      for (const [name, numbers] of alone) expect(together.read(name)).toEqual(numbers)
    }),
    { numRuns: runs(5) },
  )
})

test('a loop inside a loop runs all its steps each time', () => {
  const b = new Builder()
  const x = b.input('x', [3, 4, 5])
  const weights = b.input('w', [5, 5])
  const { finals } = scan(b, { steps: 3 }, [b.constant(0, [2, 5])], (outer, i, [sum = x]) => {
    const row = outer.take(x, i, 0)
    const inner = scan(outer, { steps: 4, reverse: true }, [sum], (body, j, [state = sum]) => {
      const next = body.tanh(body.add(body.matmul(state, weights), body.take(row, j, 0)))
      return { states: [next], yields: [{ value: next, axis: 1 }] }
    })
    return { states: [outer.sum(inner.stacks[0] ?? sum, 1)], yields: [] }
  })
  const program: Program = b.program([['y', finals[0] ?? x]])
  const inputs = inputsOf(program)
  for (const each of [program, optimize(program)]) {
    const expected = [...(interpret(program, inputs).get('y') ?? [])]
    expectClose(execute(each, inputs).get('y') ?? [], expected, { relative: 1e-4, absolute: 1e-5 })
  }
})

test('states may change places', () => {
  const b = new Builder()
  const names = ['p', 'q', 'r'] as const
  const initial = names.map((name) => b.input(name, [5]))
  const { finals } = scan(b, { steps: 4 }, initial, (_body, _step, [p, q, r]) => {
    return { states: [q, r, p].flatMap((state) => state ?? []), yields: [] }
  })
  const program = b.program(finals.map((value, i) => [names[i] ?? '', value] as const))
  // As a program of its own, whose new states replace the old, and as the body of a loop.
  const states = new Map(
    names.map((name, i) => [name, Float32Array.from({ length: 5 }, (_, k) => 5 * i + k)]),
  )
  const found = execute(program, states)
  expect([...found.values()]).toEqual([states.get('q'), states.get('r'), states.get('p')])
})

test.each([
  ['the state', (_body: Builder, state: Value) => state],
  ['its sum over no axes', (body: Builder, state: Value) => body.sum(state, [])],
])('a step yields a state as it was before the step: %s', (_name, yielded) => {
  const b = new Builder()
  const start = b.input('start', [4])
  const { stacks } = scan(b, { steps: 3 }, [start], (body, _step, [state = start]) => ({
    states: [body.mul(state, body.constant(2, [4]))],
    yields: [{ value: yielded(body, state), axis: 0 }],
  }))
  const program = b.program([['stack', stacks[0] ?? start]])
  const inputs = new Map([['start', Float32Array.of(1, 2, 3, 4)]])
  const before = Float32Array.of(1, 2, 3, 4, 2, 4, 6, 8, 4, 8, 12, 16)
  for (const each of [program, optimize(program)]) expect(execute(each, inputs).get('stack')).toEqual(before)
})

test.each(['simple_rnn', 'lstm', 'gru'])('the code of %s does not grow with its steps', (type) => {
  const bytesOf = (steps: number): number => {
    const layers = [
      'masking',
      { type: 'bidirectional', layer: { type, units: 4, return_sequences: true } },
      { type, units: 3, dropout: 0.1, recurrent_dropout: 0.1 },
      { type: 'dense', units: 1 },
    ]
    const compiled = { loss: 'mean_squared_error', optimizer: 'adam' }
    const { task } = modelOf({ model: { input: [steps, 2], layers }, compile: compiled }, 2)
    const { program } = buildTrainStep(task, 2)
    return compile(optimize(program), { arithmetic: 'mul_add', seed: 0 }).bytes.length
  }
  // Addresses and counts take more digits.
  expect(bytesOf(10_000) / bytesOf(1_000)).toBeLessThan(1.1)
})
