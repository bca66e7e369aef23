import { describe, expect, it } from 'vitest'

import { interpret } from '../../../src/compiler/interpreter.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { expectClose } from '../../golden/golden.ts'
import { caseGraph, cases, golden, gradientsOf, inputsOf, programOf } from './layers.cases.ts'
import { golden as recurrent } from './recurrent.cases.ts'

it('has golden numbers for every layer, here or among the recurrent ones', () => {
  const here = Object.keys(golden.defaults)
  expect([...new Set(golden.cases.map(({ type }) => type))]).toEqual(here)
  expect([...here, ...Object.keys(recurrent.defaults)].sort()).toEqual(
    layers.members.map(({ type }) => type).sort(),
  )
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
  const program = programOf(graph, batch, example.training)
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

  it("assigns Keras's statistics, in training only", () => {
    const results = interpret(program, inputs)
    const names = [...results.keys()].filter((name) => name !== 'y')
    expect(names).toEqual(Object.keys(example.assigned).map((name) => `layer/${name}`))
    for (const [name, { data }] of Object.entries(example.assigned))
      expectClose(results.get(`layer/${name}`) ?? [], data)
  })

  it("has Keras's gradients", () => {
    for (const [name, wanted] of gradientsOf(example)) {
      const values = inputs.get(name) ?? []
      const total = (i: number, move: number): number =>
        apply(new Map([[name, values.with(i, (values[i] ?? 0) + move)]])).reduce(
          (sum, y, j) => sum + y * (example.dy.data[j] ?? NaN),
          0,
        )
      // Some elements of each tensor: the tfjs engine's test compares them all.
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
