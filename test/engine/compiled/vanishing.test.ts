// Numbers that vanish must become 0 before they become subnormal: with these, processors of Intel are tens of times as slow.

import { describe, expect, it } from 'vitest'

import { optimizers } from '../../../src/components/optimizers/index.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import { Builder } from '../../../src/ir/builder.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { execute } from '../../backend/wasm/execute.ts'
import { appendTo, graphOf } from '../../components/layers/recurrent.cases.ts'
import { rowsFor, taskOf } from '../session.cases.ts'

function subnormals(numbers: Iterable<number>): number[] {
  return [...numbers].filter((x) => x !== 0 && Math.abs(x) < 2 ** -126)
}

const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1 })

const OPTIONS: Readonly<Record<string, readonly object[]>> = {
  adam: [{}, { amsgrad: true }, { use_ema: true }],
  rmsprop: [{}, { momentum: 0.9, centered: true }],
  sgd: [{ momentum: 0.9 }, { momentum: 0.9, nesterov: true }],
}
const CONFIGS = optimizers.members.flatMap(({ type }) =>
  (OPTIONS[type] ?? [{}]).map((options): { type: string } => ({ type, ...options })),
)

describe.each(CONFIGS)('the averages of %o', (optimizer) => {
  it('decay to 0 once gradients are 0, and are never subnormal', async () => {
    const model = { input: [3], layers: [{ type: 'dense', units: 5, use_bias: false }] }
    const task = taskOf(model, { loss: 'mean_squared_error', optimizer })
    const session = engine.open(task, initialWeights(task.graph, 1))
    const rows = rowsFor(task, 4)
    const still = {
      ...rows,
      inputs: rows.inputs.map((input) => ({ ...input, data: new Float32Array(input.data.length) })),
    }
    const steps = { epoch: 0, batchSize: 1, first: 0, factor: 1 }
    await session.train({ ...steps, encoded: rows, order: Uint32Array.of(0, 1, 2, 3), count: 4 })
    for (let done = 0; done < 1200; done += 12) {
      await session.train({ ...steps, encoded: still, order: new Uint32Array(12), count: 12 })
      const { slots } = await session.optimizer()
      for (const [name, numbers] of slots) expect(subnormals(numbers), `${name} after ${done}`).toEqual([])
    }
    session.dispose()
  })
})

it('the gradients of a deep stack of sigmoids become 0, and are never subnormal', () => {
  const layers = Array.from({ length: 100 }, () => ({ type: 'dense', units: 4, activation: 'sigmoid' }))
  const graph = graphOf(layers, [4])
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const b = new Builder()
  const { values, y } = appendTo(b, graph, 2)
  const kernels = parameters.map(({ id }) => values.get(id) ?? y)
  const gradients = differentiate(b, b.sum(y), kernels)
  const program = optimize(b.program(gradients.map((gradient, i) => [`d${i}`, gradient] as const)))
  const weights = initialWeights(graph, 1)
  const inputs = new Map<string, ArrayLike<number>>([
    ['x', Float32Array.from({ length: 8 }, (_, i) => Math.sin(i))],
    ['counter', [0]],
    ...parameters.map(({ id }) => [id, weights.get(id) ?? []] as const),
  ])
  const found = execute(program, inputs)
  expect([...(found.get('d0') ?? [1])].every((slope) => slope === 0)).toBe(true)
  expect([...found.values()].flatMap((slopes) => subnormals(slopes))).toEqual([])
})

const UNITS = { units: 3 }
const LAYERS = ['simple_rnn', 'lstm', 'gru'].flatMap((type): object[] => [
  { type, ...UNITS },
  { type, ...UNITS, go_backwards: true },
  { type: 'bidirectional', layer: { type, ...UNITS } },
])

it.each(LAYERS)('the gradients of %o to early steps become 0, and are never subnormal', (layer) => {
  const steps = 900
  const graph = graphOf([layer], [steps, 2])
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const b = new Builder()
  const { values, y } = appendTo(b, graph, 1)
  const x = values.get('x') ?? y
  const [dx = y] = differentiate(b, b.sum(y), [x])
  const weights = initialWeights(graph, 1)
  // Recurrent weights keep the size of what they multiply: with a third of them gradients vanish.
  const shrunk = (id: string): Float32Array =>
    (weights.get(id) ?? new Float32Array()).map((w) => (id.includes('recurrent') ? w / 3 : w))
  const inputs = new Map<string, ArrayLike<number>>([
    ['x', Float32Array.from({ length: steps * 2 }, (_, i) => Math.sin(1.7 * i))],
    ['counter', [0]],
    ...parameters.map(({ id }) => [id, shrunk(id)] as const),
  ])
  const gradient = Float32Array.from(execute(optimize(b.program([['dx', dx]])), inputs).get('dx') ?? [])
  const vanished = gradient.filter((slope) => slope === 0).length
  if (!JSON.stringify(layer).includes('bidirectional')) expect(vanished).toBeGreaterThan(steps)
  expect(gradient.some((slope) => Math.abs(slope) > 1e-3)).toBe(true)
  expect(subnormals(gradient)).toEqual([])
})
