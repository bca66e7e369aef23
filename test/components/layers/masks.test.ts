import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Value } from '../../../src/ir/ir.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { buildGraph } from '../../../src/model/build.ts'
import { modelTopology } from '../../../src/model/topology.ts'
import { expectClose, readGolden } from '../../golden/golden.ts'

/** Keras's outputs of merges whose inputs [2, 3, 2] are masked or not. */
const golden = readGolden(
  'masks',
  z.object({
    inputs: z.array(z.array(z.number())),
    masks: z.array(z.array(z.number())),
    cases: z.array(
      z.object({ type: z.string(), masked: z.tuple([z.boolean(), z.boolean()]), y: z.array(z.number()) }),
    ),
  }),
)

const STEPS = [2, 3, 2]
const X = [1, 2, 3, 4, 5, 6, -1, 0, 2, -2, 7, 1]
const FIRST = [1, 1, 0, 0, 1, 0]
const SECOND = [0, 1, 0, 0, 0, 1]

/** One layer in training, with inputs that have these masks; its output, its own mask and what it assigns. */
function run(
  config: { type: string; [option: string]: unknown },
  masks: (number[] | undefined)[],
  parameters: Record<string, number[]> = {},
  values: readonly number[][] = [],
) {
  const b = new Builder()
  const layer = layers.ref().parse(config)
  const results: [string, Value][] = []
  const xs = masks.map((_, i) => b.input(`x${i}`, STEPS))
  const y = layers.of(layer).forward(
    {
      b,
      training: true,
      trainable: true,
      parameter: (name) => b.constant(parameters[name] ?? []),
      assign: (name, value) => void results.push([name, value]),
      uniform: (_purpose, shape) => b.constant(0.5, shape),
      masks: masks.map((mask) => mask && b.constant(mask, [2, 3])),
      setMask: (mask) => void (mask && results.push(['mask', mask])),
      penalize: () => undefined,
      inner: () => {
        throw new Error('no layer here wraps another')
      },
    },
    layer,
    xs,
  )
  const found = interpret(
    b.program([['y', y], ...results]),
    new Map(xs.map((_, i) => [`x${i}`, values[i] ?? X])),
  )
  return (name: string): number[] | undefined => {
    const values = found.get(name)
    return values && Array.from(values)
  }
}

describe('elementwise merges', () => {
  it.each(['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum'])(
    '%s keeps the steps that either input keeps, where both are masked',
    (type) => {
      expect(run({ type }, [FIRST, SECOND])('mask')).toEqual([1, 1, 0, 0, 1, 1])
      expect(run({ type }, [FIRST, undefined])('mask')).toBeUndefined()
    },
  )
})

describe('elementwise merges of masked steps', () => {
  const names = ['neither', 'the first', 'the second', 'both']
  const cases = golden.cases.map(({ masked, ...example }) => {
    const [first, second] = masked
    return { ...example, masked, which: names[Number(first) + 2 * Number(second)] }
  })

  it.each(cases)("$type has Keras's values where $which is masked", ({ type, masked, y }) => {
    const masks = golden.masks.map((mask, i) => (masked[i] ? mask : undefined))
    expectClose(run({ type }, masks, {}, golden.inputs)('y') ?? [], y, { absolute: 1e-6 })
  })
})

describe('concatenate', () => {
  it('of features keeps the steps that either input keeps, where both are masked', () => {
    expect(run({ type: 'concatenate' }, [FIRST, SECOND])('mask')).toEqual([1, 1, 0, 0, 1, 1])
    expect(run({ type: 'concatenate' }, [FIRST, undefined])('mask')).toEqual([1, 1, 1, 1, 1, 1])
    expect(run({ type: 'concatenate' }, [undefined, undefined])('mask')).toBeUndefined()
  })

  it.each([1, -2])('of steps (axis %d) joins the masks, where any input is masked', (axis) => {
    const config = { type: 'concatenate', axis }
    expect(run(config, [FIRST, undefined])('mask')).toEqual([1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1])
    expect(run(config, [undefined, undefined])('mask')).toBeUndefined()
  })
})

it('embedding masks the elements that are 0, when asked to', () => {
  const config = { type: 'embedding', input_dim: 8, output_dim: 1 }
  const vectors = { embeddings: [1, 2, 3, 4, 5, 6, 7, 8] }
  expect(run(config, [undefined], vectors)('mask')).toBeUndefined()
  expect(run({ ...config, mask_zero: true }, [undefined], vectors)('mask')).toEqual(
    X.map((x) => (x === 0 ? 0 : 1)),
  )
})

it('global_average_pooling1d leaves masked steps out of the mean', () => {
  expect(run({ type: 'global_average_pooling1d' }, [FIRST])('y')).toEqual([2, 3, 2, -2])
})

it('batch_normalization leaves masked steps out of its statistics', () => {
  const layer = { type: 'batch_normalization', momentum: 0, center: false, scale: false }
  const results = run(layer, [FIRST], { moving_mean: [0, 0], moving_variance: [1, 1] })
  // Of the steps [1, 2], [3, 4] and [2, -2].
  expectClose(results('moving_mean') ?? [], [2, 4 / 3])
  expectClose(results('moving_variance') ?? [], [2 / 3, 56 / 9])
})

describe('a saved model', () => {
  const unsupported = (...configs: Record<string, unknown>[]): readonly string[] => {
    const embedding = { type: 'embedding', input_dim: 5, output_dim: 2, mask_zero: true }
    const { graph, problems } = buildGraph({
      input: [3],
      layers: [embedding, ...configs].map((config) => layers.ref().parse(config)),
    })
    if (graph === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
    return modelTopology(graph, 'test').unsupported
  }

  it.each([
    [{ type: 'dense', units: 2 }],
    [{ type: 'relu' }],
    [{ type: 'prelu' }],
    [{ type: 'softmax' }],
    [{ type: 'batch_normalization' }],
    [{ type: 'layer_normalization' }],
    [{ type: 'spatial_dropout1d', rate: 0.1 }],
    [{ type: 'flatten' }],
    [{ type: 'leaky_relu' }],
    [{ type: 'rescaling', scale: 2 }],
    [{ type: 'add', from: ['embedding', 'embedding'] }],
  ])('keeps or drops the mask in plain TensorFlow.js as here: %j', (config) => {
    expect(unsupported(config)).toEqual([])
  })

  it.each([[{ type: 'multiply', from: ['embedding', 'embedding'] }], [{ type: 'global_average_pooling1d' }]])(
    'is known to need nnlab where TensorFlow.js treats the mask differently: %j',
    (config) => {
      expect(unsupported(config)).toEqual([`${config.type} of masked steps`])
    },
  )
})
