import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'

import { layers } from '../../src/components/layers/index.ts'
import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { buildGraph } from '../../src/model/build.ts'
import { modelTopology } from '../../src/model/topology.ts'
import type { Graph } from '../../src/model/graph.ts'
import { randomUniform, stream } from '../../src/random.ts'
import { buildForward } from '../../src/step/forward.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

type LayerConfig = string | Readonly<Record<string, unknown>>

const BATCH = 3
/** Rows of six steps, of which 0 is masked, at the end, at the start and in between. */
const IDS = [1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8, 3, 0, 1, 0, 8, 2]

/** Layers that make a mask, for inputs of these shapes; they end with [6, 4]. */
const sources: Readonly<
  Record<string, { input: readonly number[]; x: readonly number[]; layers: readonly LayerConfig[] }>
> = {
  embedding: {
    input: [6],
    x: IDS,
    layers: [{ type: 'embedding', name: 'source', input_dim: 9, output_dim: 4, mask_zero: true }],
  },
  masking: {
    input: [6, 4],
    x: IDS.flatMap((id) => [id, id && 1, id / 4, -id]),
    layers: [{ type: 'masking', name: 'source' }],
  },
}

const branch = { type: 'dense', name: 'branch', units: 4, from: 'source' }
const conv = { type: 'conv1d', name: 'branch', filters: 4, kernel_size: 1, from: 'source' }
const merged = (type: string, other: LayerConfig, options = {}): LayerConfig[] => [
  other,
  { type, from: ['source', 'branch'], ...options },
]
const sequences = { units: 3, return_sequences: true }

/** Layers between [6, 4] and [steps, features]. */
const between: Readonly<Record<string, readonly LayerConfig[]>> = {
  nothing: [],
  activation: [{ type: 'activation', activation: 'tanh' }],
  'activation silu': [{ type: 'activation', activation: 'silu' }],
  'activation hard_silu': [{ type: 'activation', activation: 'hard_silu' }],
  add: merged('add', branch),
  'add, where one is not masked': merged('add', conv),
  alpha_dropout: [{ type: 'alpha_dropout', rate: 0.1 }],
  average: merged('average', branch),
  average_pooling1d: [{ type: 'average_pooling1d', pool_size: 2 }],
  batch_normalization: ['batch_normalization'],
  bidirectional: [
    { type: 'bidirectional', layer: { type: 'lstm', units: 2 } },
    { type: 'repeat_vector', n: 6 },
  ],
  concatenate: merged('concatenate', branch),
  'concatenate, where one is not masked': merged('concatenate', conv),
  'concatenate steps': merged('concatenate', branch, { axis: 1 }),
  'concatenate steps, where one is not masked': merged('concatenate', conv, { axis: 1 }),
  conv1d: [{ type: 'conv1d', filters: 3, kernel_size: 3, padding: 'causal' }],
  'conv1d and its activation': [{ type: 'conv1d', filters: 3, kernel_size: 2, activation: 'relu' }],
  dense: [{ type: 'dense', units: 3, activation: 'gelu' }],
  dot: merged('dot', branch, { axes: 2 }),
  dropout: [{ type: 'dropout', rate: 0.1 }],
  elu: ['elu'],
  flatten: ['flatten', { type: 'repeat_vector', n: 6 }],
  gaussian_dropout: [{ type: 'gaussian_dropout', rate: 0.1 }],
  gaussian_noise: [{ type: 'gaussian_noise', stddev: 0.1 }],
  global_average_pooling1d: ['global_average_pooling1d', { type: 'repeat_vector', n: 6 }],
  global_max_pooling1d: ['global_max_pooling1d', { type: 'repeat_vector', n: 4 }],
  gru: [{ type: 'gru', reset_after: false, ...sequences }],
  layer_normalization: ['layer_normalization'],
  leaky_relu: ['leaky_relu'],
  lstm: [{ type: 'lstm', ...sequences }],
  'lstm of the last step': [
    { type: 'lstm', units: 3 },
    { type: 'repeat_vector', n: 6 },
  ],
  masking: ['leaky_relu', { type: 'masking', mask_value: 1 }],
  max_pooling1d: [{ type: 'max_pooling1d', pool_size: 2 }],
  maximum: merged('maximum', branch),
  minimum: merged('minimum', branch),
  multiply: merged('multiply', branch),
  permute: [{ type: 'permute', dims: [2, 1] }],
  prelu: ['prelu'],
  relu: ['relu'],
  'relu with a slope': [{ type: 'relu', negative_slope: 0.1 }],
  rescaling: [{ type: 'rescaling', scale: 2, offset: 1 }],
  reshape: [{ type: 'reshape', target_shape: [3, 8] }],
  simple_rnn: [{ type: 'simple_rnn', ...sequences }],
  softmax: ['softmax'],
  'softmax over the steps': [{ type: 'softmax', axis: 1 }],
  spatial_dropout1d: [{ type: 'spatial_dropout1d', rate: 0.1 }],
  subtract: merged('subtract', branch),
  'time_distributed dense': [{ type: 'time_distributed', layer: { type: 'dense', units: 3 } }],
  'time_distributed leaky_relu': [{ type: 'time_distributed', layer: 'leaky_relu' }],
  'a masked sequence joined with an unmasked one': [
    { type: 'lstm', name: 'left', ...sequences },
    { type: 'conv1d', filters: 3, kernel_size: 1, from: 'source' },
    { type: 'gru', name: 'right', reset_after: false, ...sequences },
    { type: 'concatenate', from: ['left', 'right'], axis: 1 },
  ],
}

/** Layers after them. */
const after: Readonly<Record<string, readonly LayerConfig[]>> = {
  flatten: ['flatten'],
  lstm: [{ type: 'lstm', units: 2 }],
  'gru, then lstm': [
    { type: 'gru', units: 2, reset_after: false, return_sequences: true },
    { type: 'lstm', units: 2 },
  ],
  'simple_rnn, backwards': [{ type: 'simple_rnn', units: 2, go_backwards: true }],
  bidirectional: [{ type: 'bidirectional', layer: { type: 'gru', units: 2, reset_after: false } }],
}

const nets = Object.entries(sources).flatMap(([source, { input, x, layers }]) =>
  Object.entries(between).flatMap(([middle, some]) =>
    Object.entries(after).map(([end, others]) => ({
      name: `${source}, ${middle}, ${end}`,
      input,
      x,
      configs: [...layers, ...some, ...others],
    })),
  ),
)

function graphOf(input: readonly number[], configs: readonly LayerConfig[]): Graph {
  const { graph, problems } = buildGraph({
    input: [...input],
    layers: configs.map((config) => layers.ref().parse(config)),
  })
  if (graph === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  return graph
}

function weightsOf(graph: Graph): Map<string, Float64Array> {
  return new Map(
    graph.nodes
      .flatMap(({ parameters }) => parameters)
      .map(({ id, shape }) => [
        id,
        Float64Array.from(randomUniform(stream(1, id), 0, sizeOf(shape)), (value) =>
          Math.fround(0.2 + 0.8 * value),
        ),
      ]),
  )
}

function interpreted(
  graph: Graph,
  x: readonly number[],
  weights: ReadonlyMap<string, Float64Array>,
): ArrayLike<number> {
  const b = new Builder()
  const inputs = new Map(graph.inputs.map(({ name, shape }) => [name, b.input(name, [BATCH, ...shape])]))
  const parameters = new Map(
    graph.nodes.flatMap((node) => node.parameters).map(({ id, shape }) => [id, b.input(id, shape)]),
  )
  const counter = b.constant(0)
  const { outputs } = buildForward(b, graph, { inputs, parameters, training: false, counter })
  const given = new Map<string, ArrayLike<number>>([
    ...weights,
    ...graph.inputs.map(({ name }) => [name, x] as const),
  ])
  return interpret(b.program([...outputs]), given).get(graph.outputs[0] ?? '') ?? []
}

/** What plain TensorFlow.js predicts with the saved model; undefined if it cannot. */
async function predicted(
  { topology, weights: order }: ReturnType<typeof modelTopology>,
  input: readonly number[],
  x: readonly number[],
  weights: ReadonlyMap<string, Float64Array>,
): Promise<ArrayLike<number> | undefined> {
  const saved = tf.io.fromMemory({
    modelTopology: { ...topology },
    weightSpecs: order.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
    weightData: Float32Array.from(order.flatMap(({ parameter }) => [...(weights.get(parameter) ?? [])]))
      .buffer,
  })
  try {
    const model = await tfl.loadLayersModel(saved)
    const y = model.predict(tf.tensor([...x], [BATCH, ...input]))
    return y instanceof tf.Tensor ? y.dataSync() : undefined
  } catch {
    return undefined
  }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))))
}

describe('a saved model with masks, in plain TensorFlow.js', () => {
  it.each(nets)('predicts the same, or is known not to: $name', async ({ input, x, configs }) => {
    const graph = graphOf(input, configs)
    const saved = modelTopology(graph, 'test')
    const weights = weightsOf(graph)
    const theirs = await predicted(saved, input, x, weights)
    const ours = interpreted(graph, x, weights)
    const difference = theirs === undefined ? Infinity : largestDifference(ours, theirs)
    if (saved.unsupported.length === 0) expect(difference).toBeLessThan(1e-5)
    // These differ at masked steps, which the layers after them may skip.
    else if (!/^m(ax|in)imum|^multiply|zeros/.test(saved.unsupported.join()))
      expect(difference, saved.unsupported.join()).toBeGreaterThan(1e-5)
  })

  it('is measured with every layer that takes steps', () => {
    const text = JSON.stringify([sources, between, after])
    const own = layers.members.filter(({ composes }) => !composes)
    const missing = own.map(({ type }) => type).filter((type) => !text.includes(`"${type}"`))
    expect(missing.filter((type) => !/[23]d(_transpose)?$/.test(type))).toEqual([])
  })
})
