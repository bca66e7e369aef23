import { describe, expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { expectClose, expectKerasDefaults } from '../../golden/golden.ts'
import { appendTo, caseGraph, golden, graphOf, inputsOf, programOf } from './recurrent.cases.ts'

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  const plain = Object.entries(defaults).map(([option, value]): [string, unknown] => [
    option,
    typeof value === 'string' && /activation|initializer/.test(option)
      ? expect.objectContaining({ type: value })
      : value,
  ])
  expectKerasDefaults(layers, type, Object.fromEntries<unknown>(plain))
})

describe.each(golden.cases.map((example) => [example.name, example] as const))('%s', (_name, example) => {
  const graph = caseGraph(example)
  const program = programOf(graph, example.x.shape[0] ?? 0)
  const inputs = inputsOf(example)
  const apply = (changed: Map<string, number[]>): Float64Array =>
    interpret(program, new Map([...inputs, ...changed])).get('y') ?? new Float64Array()

  it("has Keras's weights", () => {
    const shapes = graph.nodes
      .flatMap((node) => node.parameters)
      .map(({ id, shape }) => [id.split('/').at(-1), shape])
    expect(shapes).toEqual(example.weights.map(({ name, shape }) => [name, shape]))
  })

  it("gives Keras's output", () => {
    expect(program.outputs.get('y')?.shape).toEqual(example.y.shape)
    expect([example.y.shape[0], ...(graph.nodes.at(-1)?.shape ?? [])]).toEqual(example.y.shape)
    expectClose(apply(new Map()), example.y.data, { relative: 1e-5, absolute: 1e-6 })
  })

  it("has Keras's gradients", () => {
    const slopes = (name: string): number[] => {
      const values = inputs.get(name) ?? []
      const total = (i: number, move: number): number =>
        apply(new Map([[name, values.with(i, (values[i] ?? 0) + move)]])).reduce(
          (sum, y, j) => sum + y * (example.dy.data[j] ?? NaN),
          0,
        )
      return values.map((_, i) => (total(i, 1e-4) - total(i, -1e-4)) / 2e-4)
    }
    const masked = graph.nodes[0]?.component.type === 'masking'
    // A change unmasks a step: the slope there is not what is asked for.
    if (!masked) expectClose(slopes('x'), example.dx.data, { relative: 1e-4, absolute: 1e-5 })
    const parameters = graph.nodes.flatMap((node) => node.parameters)
    for (const [i, { id }] of parameters.entries())
      expectClose(slopes(id), example.weights[i]?.gradient ?? [], { relative: 1e-4, absolute: 1e-5 })
  })
})

describe.each(golden.cases.map((example) => [example.name, example] as const))('%s', (_name, example) => {
  it("has Keras's gradients where they are derived from its program", () => {
    const graph = caseGraph(example)
    const b = new Builder()
    const ids = graph.nodes.flatMap((node) => node.parameters).map(({ id }) => id)
    const { values, y } = appendTo(b, graph, example.x.shape[0] ?? 0)
    const total = b.sum(b.mul(y, b.constant(example.dy.data, example.dy.shape)))
    const names = ['x', ...ids]
    const gradients = differentiate(
      b,
      total,
      names.map((name) => values.get(name) ?? total),
    )
    const results = interpret(
      b.program(names.map((name, i) => [name, gradients[i] ?? total] as const)),
      inputsOf(example),
    )
    const wanted = [example.dx.data, ...example.weights.map(({ gradient }) => gradient ?? [])]
    for (const [i, name] of names.entries())
      expectClose(results.get(name) ?? [], wanted[i] ?? [], { relative: 1e-4, absolute: 1e-5 })
  })
})

describe.each(golden.trained.map((example) => [example.name, example] as const))(
  '%s in training',
  (_name, example) => {
    const graph = caseGraph(example)
    const results = interpret(programOf(graph, example.x.shape[0] ?? 0, true), inputsOf(example))

    it('normalizes each step with its own statistics, and moves the averages step after step', () => {
      expectClose(results.get('y') ?? [], example.y.data, { relative: 1e-4, absolute: 1e-5 })
      for (const [i, { id, trainable }] of graph.nodes.flatMap((node) => node.parameters).entries())
        if (!trainable) expectClose(results.get(id) ?? [], example.weights[i]?.after ?? [])
    })
  },
)

describe('the first weights', () => {
  const bias = (config: object): number[] =>
    Array.from(initialWeights(graphOf([{ units: 2, ...config }], [4, 2]), 0).get('lstm/bias') ?? [])

  it("give the forget gate of an lstm ones and the other gates its bias_initializer, as Keras's do", () => {
    expect(bias({ type: 'lstm' })).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
    expect(bias({ type: 'lstm', bias_initializer: { type: 'constant', value: 3 } })).toEqual([
      3, 3, 1, 1, 3, 3, 3, 3,
    ])
    expect(bias({ type: 'lstm', unit_forget_bias: false })).toEqual(Array(8).fill(0))
    // Keras calls an initializer with the shapes [2] and [4], here the number that it writes.
    expect(golden.lstm_bias).toEqual([2, 2, 1, 1, 4, 4, 4, 4])
    const variance = bias({ type: 'lstm', bias_initializer: 'random_normal' })
    expect(new Set(variance).size).toBe(7)
  })

  it('have an orthogonal recurrent kernel', () => {
    const kernel = initialWeights(graphOf([{ type: 'simple_rnn', units: 3 }], [4, 2]), 0).get(
      'simple_rnn/recurrent_kernel',
    )
    const row = (i: number): number[] => Array.from(kernel?.subarray(3 * i, 3 * i + 3) ?? [])
    const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? NaN), 0)
    expectClose([dot(row(0), row(0)), dot(row(0), row(1)), dot(row(1), row(2))], [1, 0, 0])
  })
})

describe('dropout', () => {
  const cases = golden.dropped.map((example) => [JSON.stringify(example.layer), example] as const)

  it.each(cases)(
    'masks what Keras masks with the same random numbers: %s',
    (_name, { layer, x, y, uniforms, weights }) => {
      const config = layers.ref().parse(layer)
      const names = layers
        .of(config)
        .parameters(config, [x.shape.slice(1)])
        .map(({ name }) => name)
      const b = new Builder()
      const given = new Map<string, number[]>([
        ['x', x.data],
        ...names.map((name, i) => [name, weights[i]?.data ?? []] as const),
      ])
      const parameters = new Map(names.map((name, i) => [name, b.input(name, weights[i]?.shape ?? [])]))
      let drawn = 0
      const output = layers.of(config).forward(
        {
          b,
          training: true,
          trainable: true,
          parameter: (name) => parameters.get(name) ?? b.constant(NaN),
          assign: () => undefined,
          uniform(purpose, shape) {
            given.set(purpose, uniforms[drawn++]?.data ?? [])
            return b.input(purpose, shape)
          },
          masks: [undefined],
          setMask: () => undefined,
          penalize: () => undefined,
          inner: () => expect.fail('a recurrent layer wraps none'),
        },
        config,
        [b.input('x', x.shape)],
      )
      expect(drawn).toBe(uniforms.length)
      expectClose(interpret(b.program([['y', output]]), given).get('y') ?? [], y.data)
    },
  )

  it('draws other masks for each row, step of training and layer, and none outside of training', () => {
    const config = { type: 'lstm', units: 2, dropout: 0.5, recurrent_dropout: 0.5 }
    const graph = graphOf([{ type: 'bidirectional', layer: config }], [3, 2])
    const streams = (training: boolean): string[] =>
      programOf(graph, 2, training).values.flatMap((value) => (value.op === 'random' ? [value.stream] : []))
    expect(streams(false)).toEqual([])
    expect(new Set(streams(true)).size).toBe(16)
    expect(streams(true)).toContain('recurrent_dropout/3/bidirectional/backward_layer/')
  })
})

describe('an activity regularizer', () => {
  const penalties = (config: object): number =>
    [...programOf(graphOf([config], [3, 2]), 2).outputs.keys()].filter((name) => name.startsWith('penalty'))
      .length

  it('of a layer or of a wrapped layer adds its penalty', () => {
    const layer = { type: 'gru', units: 2, activity_regularizer: 'l2' }
    expect(penalties(layer)).toBe(1)
    expect(penalties({ type: 'bidirectional', layer })).toBe(2)
    expect(
      penalties({ type: 'time_distributed', layer: { type: 'dense', units: 1, activity_regularizer: 'l2' } }),
    ).toBe(1)
  })
})

describe('a frozen layer inside a wrapper', () => {
  it('is not trained', () => {
    const layer = { type: 'lstm', units: 2, trainable: false }
    const [node] = graphOf([{ type: 'bidirectional', layer }], [3, 2]).nodes
    expect(node?.parameters.map(({ trainable }) => trainable)).toEqual(Array(6).fill(false))
  })
})
