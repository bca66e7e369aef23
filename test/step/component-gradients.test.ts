import { describe, expect, it } from 'vitest'

import { Builder } from '../../src/ir/builder.ts'
import { buildForward } from '../../src/step/forward.ts'
import type { Shape, Value } from '../../src/ir/ir.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { activations } from '../../src/components/activations/index.ts'
import { layers } from '../../src/components/layers/index.ts'
import { losses } from '../../src/components/losses/index.ts'
import { buildGraph } from '../../src/model/build.ts'
import type { Graph } from '../../src/model/graph.ts'
import { randomUniform, stream } from '../../src/random.ts'
import { expectGradient, weighted } from '../ir/derivatives.ts'
import { drawConfig } from '../ir/examples.ts'
import type { Draw } from '../ir/examples.ts'

const BATCH = 3
const VARIANTS = [0, 1, 2, 3, 4, 5]

describe.each(activations.members.map(({ type }) => type))('activation %s', (type) => {
  it.each(VARIANTS)('has the slope that central differences find, variant %i', (variant) => {
    const config = activations.ref().parse(drawConfig(activations, activations.of({ type }), drawOf(variant)))
    const b = new Builder()
    const x = b.input('x', [BATCH, 2, 4])
    check(b, [activations.of(config).apply(b, x, config)])
  })
})

describe.each(losses.members.map(({ type }) => type))('loss %s', (type) => {
  it.each(VARIANTS)('has the slope that central differences find, variant %i', (variant) => {
    const component = losses.of({ type })
    const config = losses.ref().parse(drawConfig(losses, component, drawOf(variant)))
    const b = new Builder()
    const logits = b.input('x', [BATCH, 4])
    const prediction = component.target === 'values' ? b.sigmoid(logits) : b.softmax(logits)
    const classes = b.cast(b.iota([BATCH], 0), 'i32')
    const numbers = b.random('target', b.input('counter', [], 'i32'), [BATCH, 4])
    const target = { index: classes, one_hot: b.oneHot(classes, 4), values: numbers }[component.target]
    check(b, [component.call(b, { target, prediction }, config)])
  })
})

const computing = layers.members.filter(({ composes }) => !composes)

describe.each(computing.map(({ type }) => type))('layer %s', (type) => {
  const graphs = VARIANTS.flatMap((variant) => graphOf(type, drawOf(variant)) ?? [])

  it('has an example', () => {
    expect(graphs.length).toBeGreaterThan(0)
  })

  it.each(graphs)('has the slopes that central differences find, variant %#', (graph) => {
    for (const training of [true, false]) {
      const b = new Builder()
      const forward = buildForward(b, graph, {
        inputs: new Map(graph.inputs.map(({ name, shape }) => [name, b.input(name, [BATCH, ...shape])])),
        parameters: new Map(
          graph.nodes.flatMap(({ parameters }) =>
            parameters.map(({ id, shape }) => [id, b.input(id, shape)] as const),
          ),
        ),
        training,
        counter: b.input('counter', [], 'i32'),
      })
      const indices = type === 'embedding' ? graph.inputs.map(({ name }) => name) : []
      check(b, [...forward.outputs.values(), ...forward.penalties], indices)
    }
  })
})

/** A network of one layer over the first shapes that it takes. */
function graphOf(type: string, draw: Draw): Graph | undefined {
  const component = layers.of({ type })
  const shapes: readonly Shape[] = [[4], [3, 2], [4, 4], [4, 4, 2], [3, 3, 3, 2]]
  const config = layers.ref().safeParse(drawConfig(layers, component, draw))
  if (!config.success) return undefined
  for (const shape of shapes) {
    const inputs = component.arity === 'one' ? { left: [...shape] } : { left: [...shape], right: [...shape] }
    const from = Object.keys(inputs)
    const layer = { ...config.data, from: component.arity === 'one' ? from[0] : from }
    const { graph } = buildGraph({ inputs, layers: [layer] })
    if (graph !== undefined) return graph
  }
  return undefined
}

/** Some choices of options for each variant: the defaults first. */
function drawOf(variant: number): Draw {
  const numbers = randomUniform(stream(variant, 'options'), 0, 64)
  let next = 0
  return (limit) => (variant === 0 ? 0 : Math.floor((numbers[next++ % 64] ?? 0) * limit))
}

/** Checks the gradients to all f32 inputs; those that hold indices stay as they are. */
function check(b: Builder, values: readonly Value[], indices: readonly string[] = []): void {
  const scalar = weighted(b, values)
  const { inputs } = b.program([])
  const numbers = [...inputs].map(([name, { shape, dtype }]): [string, Float32Array] => {
    const uniform = randomUniform(stream(3, name), 0, sizeOf(shape))
    if (dtype === 'i32' || indices.includes(name)) return [name, uniform.map((x) => Math.floor(5 * x))]
    // Statistics of batch normalization are positive.
    return [name, uniform.map((x) => (name.includes('moving_') ? x + 0.5 : 4 * x - 2))]
  })
  const wrt = [...inputs.values()].filter(
    (value) => value.op === 'input' && value.dtype === 'f32' && !indices.includes(value.name),
  )
  expectGradient(b, scalar, wrt, new Map(numbers), { tolerance: 1e-3 })
}
