import { describe, expect, it } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { expectClose, expectGoldenMembers } from '../../golden/golden.ts'
import { caseGraph, cases, golden, gradientsOf, graphOf, inputsOf, programOf } from './layers.cases.ts'
import { golden as recurrent } from './recurrent.cases.ts'

it('has golden numbers for every layer, here or among the recurrent ones', () => {
  const others = Object.keys(recurrent.defaults).map((type) => ({ type }))
  // Those that stand for others have golden trainings.
  const composing = layers.members.filter(({ composes }) => composes)
  expectGoldenMembers(layers, [...golden.cases, ...others, ...composing], golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  const options = layers.of({ type }).options()
  const parsed = (option: string, value: unknown): unknown => {
    const result = options[option]?.safeParse(value)
    return result?.success ? result.data : `no such option or value: ${JSON.stringify(value)}`
  }
  const names = Object.keys(defaults)
  expect(names.map((option) => [option, parsed(option, undefined)])).toEqual(
    names.map((option) => [option, parsed(option, defaults[option])]),
  )
})

describe.each(cases)('%s', (_name, example) => {
  const graph = caseGraph(example)
  const inputs = inputsOf(example)
  const batch = example.y.shape[0] ?? 0
  const program = programOf(graph, batch, example)
  const apply = (changed: Map<string, number[]>): Float64Array =>
    interpret(program, new Map([...inputs, ...changed])).get('y') ?? new Float64Array()

  it("has Keras's weights", () => {
    const ours = graph.nodes.flatMap((node) => node.parameters)
    expect(ours.map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual(
      Object.entries(example.parameters).map(([name, { shape, trainable }]) => [name, shape, trainable]),
    )
  })

  it("gives Keras's output, of the shape that it announces", () => {
    expect(program.outputs.get('y')?.shape).toEqual(example.y.shape)
    expect([batch, ...(graph.nodes[0]?.shape ?? [])]).toEqual(example.y.shape)
    expectClose(apply(new Map()), example.y.data, { absolute: 1e-5 })
  })

  it.runIf(example.same_in_training)('does the same in training', () => {
    const results = interpret(programOf(graph, batch, { training: true }), inputs)
    expect(results).toEqual(interpret(program, inputs))
  })

  it("assigns Keras's statistics, in training only", () => {
    const results = interpret(program, inputs)
    const names = [...results.keys()].filter((name) => name !== 'y')
    expect(names).toEqual(Object.keys(example.assigned).map((name) => `layer/${name}`))
    for (const [name, { data }] of Object.entries(example.assigned))
      expectClose(results.get(`layer/${name}`) ?? [], data)
  })

  it("has Keras's gradients by differentiation", () => {
    const gradients = gradientsOf(example)
    const program = programOf(graph, batch, { training: example.training, gradients: gradients.keys() })
    const results = interpret(program, new Map([...inputs, ['dy', example.dy.data]]))
    for (const [name, wanted] of gradients)
      expectClose(results.get(`gradient:${name}`) ?? [], wanted, { relative: 1e-4, absolute: 1e-5 })
  })

  it("has Keras's gradients by small steps", () => {
    for (const [name, wanted] of gradientsOf(example)) {
      const values = inputs.get(name) ?? []
      const total = (i: number, move: number): number =>
        apply(new Map([[name, values.with(i, (values[i] ?? 0) + move)]])).reduce(
          (sum, y, j) => sum + y * (example.dy.data[j] ?? NaN),
          0,
        )
      // Some elements of each tensor: differentiation gives them all.
      const stride = Math.ceil(values.length / 7)
      const some = values.flatMap((_, i) => (i % stride === 0 ? [i] : []))
      expectClose(
        some.map((i) => (total(i, 1e-5) - total(i, -1e-5)) / 2e-5),
        some.map((i) => wanted[i] ?? NaN),
        { relative: 1e-4, absolute: 1e-5 },
      )
    }
  })
})

it('conv2d_transpose with dilation_rate has taps apart, where TensorFlow fails on the CPU', () => {
  const kernel = [1, -2, 3, 0.5]
  const apply = (config: Record<string, unknown>, values: number[]): Float64Array | undefined => {
    const graph = graphOf({ type: 'conv2d_transpose', filters: 1, use_bias: false, ...config }, [[3, 2, 1]])
    const inputs = new Map([
      ['x0', [1, 2, -3, 4, 0.5, 6]],
      ['kernel', values],
      ['counter', [0]],
    ])
    return interpret(programOf(graph, 1), inputs).get('y')
  }
  const [a = 0, b = 0, c = 0, d = 0] = kernel
  for (const padding of ['valid', 'same'])
    expect(apply({ kernel_size: 2, dilation_rate: 2, padding }, kernel)).toEqual(
      apply({ kernel_size: 3, padding }, [a, 0, b, 0, 0, 0, c, 0, d]),
    )
})
