// Loops over steps as they are planned: sums moved out of them, matrices transposed before them, rows in slices.

import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import { moveSumsOut } from '../../../src/backend/plan/loop-sums.ts'
import { transposeOutside } from '../../../src/backend/plan/loop-transposes.ts'
import type { KernelPlan } from '../../../src/backend/plan/schedule.ts'
import { schedule } from '../../../src/backend/plan/schedule.ts'
import { anchorTraits } from '../../../src/backend/wasm/kernels/anchor.ts'
import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { scan } from '../../../src/ir/scan.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import { expectClose } from '../../golden/golden.ts'
import { inputsOf } from '../../ir/random-program.ts'
import { runs } from '../../runs.ts'
import { modelOf } from '../../step/random-model.ts'
import { execute } from '../wasm/execute.ts'

type Layer = Readonly<Record<string, unknown>>

const LAYERS: readonly (readonly [string, readonly Layer[], number])[] = [
  ['simple_rnn', [{ type: 'simple_rnn', units: 9 }], 16],
  ['lstm', [{ type: 'lstm', units: 12 }], 16],
  [
    'lstm with sequences',
    [
      { type: 'lstm', units: 12, return_sequences: true },
      { type: 'lstm', units: 7 },
    ],
    16,
  ],
  ['lstm of more units than rows', [{ type: 'lstm', units: 160 }], 18],
  ['lstm of an odd batch', [{ type: 'lstm', units: 50, go_backwards: true }], 33],
  ['lstm with dropout', [{ type: 'lstm', units: 12, dropout: 0.1, recurrent_dropout: 0.1 }], 16],
  ['masked lstm', [{ type: 'masking' }, { type: 'lstm', units: 8, zero_output_for_mask: true }], 16],
  ['gru', [{ type: 'gru', units: 11 }], 17],
  ['gru that resets before', [{ type: 'gru', units: 12, reset_after: false }], 16],
  ['two directions', [{ type: 'bidirectional', layer: { type: 'gru', units: 8 } }], 20],
]

/** The loops of a training step for four threads whose bodies hold products. */
function loopsOf(layers: readonly Layer[], batch: number): NonNullable<KernelPlan['loop']>[] {
  const model = { input: [6, 5], layers: [...layers, { type: 'dense', units: 1 }] }
  const { task } = modelOf({ model, compile: { loss: 'mean_squared_error', optimizer: 'sgd' } }, batch)
  const program = optimize(buildTrainStep(task, batch).program)
  const traits = anchorTraits({ seed: 1, arithmetic: 'fma' })
  const { kernels } = schedule(program, traits, { threads: 4, tiny: 0, placed: new Map(), base: 0 })
  return kernels.flatMap(({ loop }) => (loop && productsOf(loop.body.program).length > 0 ? [loop] : []))
}

function productsOf({ values }: Program): Value<'matmul'>[] {
  return values.flatMap((value) => (value.op === 'matmul' ? [value] : []))
}

describe.each(LAYERS)('%s', (_name, layers, batch) => {
  it('runs in slices of rows, forward and backward', () => {
    const loops = loopsOf(layers, batch)
    expect(loops.length).toBeGreaterThanOrEqual(2)
    for (const { slices } of loops) {
      expect(slices).toHaveLength(4)
      expect(slices.map(({ from }) => from)).toEqual([0, ...slices.slice(0, -1).map(({ to }) => to)])
      expect(slices.at(-1)?.to).toBe(batch)
    }
  })

  it('multiplies matrices as they come in each step', () => {
    for (const { body } of loopsOf(layers, batch))
      for (const { transposeA, transposeB } of productsOf(body.program))
        expect([transposeA, transposeB]).toEqual([false, false])
  })
})

test.each(LAYERS)(
  '%s: a slice that is ahead writes over nothing that others read',
  (_name, layers, batch) => {
    for (const { body } of loopsOf(layers, batch)) {
      const places = [...body.stored].map((value) => {
        const start = body.addressOf(value)
        return { start, end: start + 4 * sizeOf(value.shape) }
      })
      for (const one of places)
        for (const other of places) {
          const same = one.start === other.start && one.end === other.end
          expect(same || one.end <= other.start || other.end <= one.start).toBe(true)
        }
    }
  },
)

test('a loop whose rows depend on each other has no slices', () => {
  const b = new Builder()
  const start = b.input('start', [16, 16])
  const mixes: readonly ((body: Builder, state: Value) => Value)[] = [
    (body, state) => body.transpose(state, [1, 0]),
    (body, state) => body.reverse(state, 0),
    (body, state) => body.matmul(state, state),
    (body, state) => body.add(state, body.broadcast(body.sum(state, 0), [16, 16])),
    (body, state) => body.concat([body.sliceAxis(state, 0, 1, 15), body.sliceAxis(state, 0, 0, 1)], 0),
    (body, state) => body.softmax(state, 0),
  ]
  const results = mixes.map((mix, i) => {
    const { finals } = scan(b, { steps: 3 }, [start], (body, _step, [state = start]) => {
      return { states: [body.mul(body.tanh(mix(body, state)), 0.5)], yields: [] }
    })
    return [`y${i}`, finals[0] ?? start] as const
  })
  const traits = anchorTraits({ seed: 1, arithmetic: 'fma' })
  const options = { threads: 4, tiny: 0, placed: new Map(), base: 0 }
  const { kernels } = schedule(b.program(results), traits, options)
  const loops = kernels.flatMap(({ loop }) => loop ?? [])
  expect(loops).toHaveLength(mixes.length)
  for (const { slices } of loops) expect(slices).toEqual([])
})

type Sums = Readonly<Record<'steps' | 'rows' | 'left' | 'right' | 'axisX' | 'axisY', number>> & {
  readonly reverse: boolean
}

const sums: fc.Arbitrary<Sums> = fc.record({
  steps: fc.integer({ min: 1, max: 6 }),
  rows: fc.integer({ min: 2, max: 20 }),
  left: fc.integer({ min: 2, max: 20 }),
  right: fc.integer({ min: 2, max: 50 }),
  axisX: fc.integer({ min: 0, max: 1 }),
  axisY: fc.integer({ min: 0, max: 1 }),
  reverse: fc.boolean(),
})

/** The sums over some steps of x' y and of the rows of y, in a loop, or step by step. */
function sumProgram({ steps, rows, left, right, axisX, axisY, reverse }: Sums, inLoop: boolean): Program {
  const b = new Builder()
  const stack = (columns: number, axis: number): number[] => [rows, columns].toSpliced(axis, 0, steps)
  const x = b.input('x', stack(left, axisX))
  const y = b.input('y', stack(right, axisY))
  const zeros = [b.broadcast(b.constant(0), [left, right]), b.broadcast(b.constant(0), [right])]
  const add = (body: Builder, step: Value, states: readonly Value[]): Value[] => {
    const [p, q] = [body.take(x, step, axisX), body.tanh(body.take(y, step, axisY))]
    const terms = [body.matmul(p, q, { transposeA: true }), body.sum(q, 0)]
    return terms.map((term, i) => body.add(states[i] ?? term, term))
  }
  const numbers = Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i))
  const totals = inLoop
    ? scan(b, { steps, reverse }, zeros, (body, step, states) => {
        return { states: add(body, step, states), yields: [] }
      }).finals
    : numbers.reduce<readonly Value[]>(
        (states, step) => add(b, b.append({ op: 'constant', data: Int32Array.of(step), shape: [] }), states),
        zeros,
      )
  return b.program(totals.map((value, i) => [`y${i}`, value]))
}

test('sums over steps are moved out of loops, with the bits of the steps in their order', () => {
  fc.assert(
    fc.property(sums, (sizes) => {
      const program = sumProgram(sizes, true)
      const moved = moveSumsOut(optimize(program))
      expect(productsOf(moved)).toHaveLength(1)
      for (const value of moved.values) if (value.op === 'scan') expect(productsOf(value.body)).toEqual([])
      const inputs = inputsOf(program)
      const expected = interpret(program, inputs)
      for (const [name, numbers] of interpret(moved, inputs))
        expectClose(numbers, [...(expected.get(name) ?? [])], { relative: 1e-9, absolute: 1e-9 })
      const stepByStep = execute(sumProgram(sizes, false), inputs)
      expect(execute(optimize(program), inputs)).toEqual(stepByStep)
    }),
    { numRuns: runs(20) },
  )
})

test('a sum that steps read, or that does not begin with 0, stays in its loop', () => {
  const b = new Builder()
  const [x, w] = [b.input('x', [4, 3]), b.input('w', [3, 3])]
  const zero = b.broadcast(b.constant(0), [3, 3])
  const run = (initial: Value, read: (body: Builder, total: Value, h: Value) => Value): readonly Value[] =>
    scan(b, { steps: 5 }, [x, initial], (body, _step, [h = x, total = zero]) => ({
      states: [
        body.tanh(body.matmul(h, w)),
        body.add(total, body.matmul(h, read(body, total, h), { transposeA: true })),
      ],
      yields: [],
    })).finals.slice(1)
  const totals = [...run(zero, (body, total, h) => body.matmul(h, total)), ...run(w, (_body, _total, h) => h)]
  const program = optimize(b.program(totals.map((value, i) => [`y${i}`, value])))
  expect(moveSumsOut(program)).toBe(program)
})

test('matrices that products of a loop take transposed are transposed before it', () => {
  const b = new Builder()
  const [x, w] = [b.input('x', [5, 4]), b.input('w', [4, 4])]
  const { finals } = scan(b, { steps: 3 }, [x], (body, _step, [h = x]) => {
    return {
      states: [body.tanh(body.add(body.matmul(h, w, { transposeB: true }), body.matmul(h, w)))],
      yields: [],
    }
  })
  const program = b.program([['y', finals[0] ?? x]])
  const changed = transposeOutside(program)
  const bodies = changed.values.flatMap((value) => (value.op === 'scan' ? [value.body] : []))
  expect(bodies.flatMap(productsOf).map(({ transposeB }) => transposeB)).toEqual([false, false])
  const inputs = inputsOf(program)
  expect(interpret(changed, inputs)).toEqual(interpret(program, inputs))
})
