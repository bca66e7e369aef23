import { describe, expect, it } from 'vitest'

import { buildGraph } from '../../src/model/build.ts'
import type { BuiltModel } from '../../src/model/build.ts'
import { countParameters } from '../../src/model/graph.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { modelSection } from '../../src/spec/schema/model.ts'

type Layer = string | Readonly<Record<string, unknown>>

function built(layers: readonly Layer[], more: object = { inputs: { a: [3], b: [3] } }): BuiltModel {
  return buildGraph(modelSection().parse({ ...more, layers }))
}

function messagesOf({ problems }: BuiltModel): string[] {
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const ENCODER = [
  { type: 'dense', units: 4 },
  { name: 'code', type: 'dense', units: 2 },
]

describe('a model inside the model', () => {
  it('has its layers in the graph, under names that begin with its own', () => {
    const { graph } = built([{ name: 'encoder', type: 'model', layers: ENCODER }], { input: [3] })
    expect(graph?.nodes.map(({ name, inputs, path }) => [name, inputs, path.join('.')])).toEqual([
      ['encoder/dense', ['input'], 'model.layers.0.layers.0'],
      ['encoder/code', ['encoder/dense'], 'model.layers.0.layers.1'],
      ['encoder', ['encoder/code'], 'model.layers.0'],
    ])
    expect(graph && [...initialWeights(graph, 0).keys()]).toContain('encoder/code/kernel')
  })

  it('yields the output that it names, and from outside those of all its layers', () => {
    const { graph } = built(
      [
        { name: 'encoder', type: 'model', outputs: 'dense', layers: ENCODER },
        { name: 'sum', type: 'concatenate', from: ['encoder', 'encoder/code'] },
      ],
      { input: [3] },
    )
    expect(graph?.nodes.find(({ name }) => name === 'sum')?.shape).toEqual([6])
  })

  it('may be frozen as a whole', () => {
    const { graph } = built([{ type: 'model', trainable: false, layers: ENCODER }], { input: [3] })
    expect(graph && countParameters(graph)).toEqual({ trainable: 0, fixed: 26 })
  })

  it.each([
    [
      'gets as many inputs as it has',
      [{ name: 'm', type: 'model', from: ['a', 'b'], layers: ['add'] }],
      'model.layers.0: the model "m" takes one input, got 2',
    ],
    [
      'knows its own names only',
      [{ name: 'm', type: 'model', from: 'a', layers: [{ type: 'dense', units: 1, from: 'b' }] }],
      'model.layers.0.layers.0.from: no input or layer is named "b"',
    ],
    [
      'has the layer that it names as output',
      [{ name: 'm', type: 'model', from: 'a', outputs: 'x', layers: ENCODER }],
      'model.layers.0.outputs: no layer is named "x"',
    ],
  ])('%s', (_title, layers, message) => {
    expect(messagesOf(built(layers))).toContain(message)
  })
})

it('a model cannot be wrapped', () => {
  const wrapped = { type: 'time_distributed', layer: { type: 'model', layers: ENCODER } }
  expect(messagesOf(built([wrapped], { input: [2, 3] }))).toEqual([
    'model.layers.0.layer: model stands for other layers: it cannot be wrapped',
  ])
})

describe('a shared layer', () => {
  it('owns no parameters', () => {
    const { graph } = built([
      { name: 'left', type: 'dense', units: 2, from: 'a' },
      { name: 'right', type: 'shared', with: 'left', from: 'b' },
      { type: 'subtract', from: ['left', 'right'] },
    ])
    expect(graph && countParameters(graph)).toEqual({ trainable: 8, fixed: 0 })
    expect(graph?.nodes[1]).toMatchObject({ name: 'right', shares: 'left', parameters: [], shape: [2] })
  })

  it('is a copy of all layers of a model', () => {
    const { graph } = built([
      { name: 'left', type: 'model', from: 'a', layers: ENCODER },
      { name: 'right', type: 'shared', with: 'left', from: 'b' },
      { type: 'add', from: ['left/dense', 'right/dense'] },
      { type: 'add', from: ['left', 'right'] },
    ])
    const right = graph?.nodes.filter(({ name }) => name.startsWith('right'))
    expect(right?.map(({ name, shares, inputs }) => [name, shares, inputs])).toEqual([
      ['right/dense', 'left/dense', ['b']],
      ['right/code', 'left/code', ['right/dense']],
      ['right', 'left', ['right/code']],
    ])
  })

  it.each([
    [
      'shares with what exists',
      [
        { name: 'left', type: 'dense', units: 2, from: 'a' },
        { type: 'shared', with: 'lefty', from: 'b' },
      ],
      'model.layers.1.with: no layer or model that is not shared itself is named "lefty"',
    ],
    [
      'takes inputs of the same size',
      [
        { name: 'left', type: 'dense', units: 2, from: 'a' },
        { type: 'shared', with: 'left', from: 'left' },
      ],
      'model.layers.1: the kernel of "left" has the shape [3, 2], but here it would be [2, 2]',
    ],
    [
      'has no weights to freeze',
      [
        { name: 'left', type: 'dense', units: 2, from: 'a' },
        { type: 'shared', with: 'left', from: 'b', trainable: false },
      ],
      'model.layers.1.trainable: its weights are those of "left"',
    ],
  ])('%s', (_title, layers, message) => {
    expect(messagesOf(built(layers))).toContain(message)
  })

  it('does not multiply without end', () => {
    let layers: Layer[] = [{ name: 'm', type: 'dense', units: 3 }]
    for (let i = 0; i < 30; i++)
      layers = [
        { name: 'm', type: 'model', layers },
        { name: 'n', type: 'shared', with: 'm' },
      ]
    expect(messagesOf(built(layers, { input: [3] })).join()).toContain('more than 5000 shared layers')
  })
})
