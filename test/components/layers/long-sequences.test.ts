import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import type { Shape } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { execute } from '../../backend/wasm/execute.ts'
import { expectClose, readGolden } from '../../golden/golden.ts'
import { appendTo, graphOf } from './recurrent.cases.ts'

/** Keras's outputs, and the gradients to all weights of their sum with weights of their own. */
const golden = readGolden(
  'long_sequences',
  z.record(z.string(), z.object({ y: z.array(z.number()), gradients: z.array(z.array(z.number())) })),
)

/** As in the script. */
const [BATCH, STEPS, FEATURES, units] = [2, 400, 2, 3]

const CASES: Record<string, unknown[]> = {
  'simple_rnn, backwards': [{ type: 'simple_rnn', units, go_backwards: true }],
  'lstm, masked': ['masking', { type: 'lstm', units }],
  'gru, sequences': [{ type: 'gru', units, return_sequences: true }, 'global_average_pooling1d'],
  'bidirectional lstm, masked, stacked': [
    'masking',
    { type: 'bidirectional', layer: { type: 'lstm', units, return_sequences: true } },
    { type: 'gru', units },
  ],
}

function wave(shape: Shape, frequency: number, phase: number, scale = 1): Float32Array {
  return Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => scale * Math.fround(Math.sin(frequency * i + phase)),
  )
}

/** Every fifth step is skipped, a step later in the second row. */
function rows(): Float32Array {
  const x = wave([BATCH, STEPS, FEATURES], 1.7, 0.3, 1.5)
  for (let row = 0; row < BATCH; row++)
    for (let step = row + 2; step < STEPS; step += 5) {
      const start = (row * STEPS + step) * FEATURES
      x.fill(0, start, start + FEATURES)
    }
  return x
}

it('has a case for each of the numbers', () => {
  expect(Object.keys(CASES)).toEqual(Object.keys(golden))
})

describe.each(Object.entries(CASES))('%s over 400 steps', (name, layers) => {
  const graph = graphOf(layers, [STEPS, FEATURES])
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const b = new Builder()
  const { values, y } = appendTo(b, graph, BATCH)
  const total = b.sum(b.mul(y, b.constant([...wave(y.shape, 1.1, 1)], y.shape)))
  const gradients = differentiate(
    b,
    total,
    parameters.map(({ id }) => values.get(id) ?? total),
  )
  const program = b.program([['y', y], ...gradients.map((gradient, i) => [`d${i}`, gradient] as const)])
  const inputs = new Map<string, ArrayLike<number>>([
    ['x', rows()],
    ['counter', [0]],
    ...parameters.map(({ id, shape }, i) => [id, wave(shape, 2.3, i, 0.5)] as const),
  ])

  it.each([
    ['interpreted', () => interpret(program, inputs)],
    ['compiled', () => execute(optimize(program), inputs)],
  ])("has Keras's output and gradients, %s", (_, run) => {
    const found = run()
    const wanted = golden[name]
    expectClose(found.get('y') ?? [], wanted?.y ?? [], { relative: 1e-4, absolute: 1e-5 })
    for (const [i, gradient] of (wanted?.gradients ?? []).entries())
      expectClose(found.get(`d${i}`) ?? [], gradient, { relative: 2e-4, absolute: 2e-4 })
  })
})
