import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, expect, it } from 'vitest'

import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { buildGraph } from '../../src/model/build.ts'
import { modelTopology } from '../../src/model/topology.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { randomUniform, stream } from '../../src/random.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { buildForward } from '../../src/step/forward.ts'
import { expectClose } from '../golden/golden.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const ENCODER = [
  { type: 'dense', units: 4, activation: 'relu6' },
  'batch_normalization',
  { type: 'dropout', rate: 0.5 },
  { type: 'dense', name: 'code', units: 3 },
]

it.each([
  [
    'a layer in several places',
    {
      inputs: { a: [3], b: [3] },
      layers: [
        { type: 'dense', name: 'tower', units: 3, activation: 'hard_silu', from: 'a' },
        { type: 'shared', name: 'deeper', with: 'tower' },
        { type: 'shared', name: 'other', with: 'tower', from: 'b' },
        { type: 'subtract', name: 'apart', from: ['deeper', 'other'] },
      ],
      outputs: ['apart', 'deeper'],
    },
  ],
  [
    'a model in several places',
    {
      inputs: { a: [5], b: [5] },
      layers: [
        { type: 'model', name: 'encoder', layers: ENCODER, from: 'a' },
        { type: 'shared', name: 'other', with: 'encoder', from: 'b' },
        {
          type: 'model',
          name: 'head',
          from: ['encoder', 'other'],
          inputs: ['x', 'y'],
          outputs: 'both',
          layers: [
            { type: 'multiply', name: 'both', from: ['x', 'y'] },
            { type: 'dense', name: 'apart', units: 2, from: 'both' },
          ],
        },
        { type: 'add', name: 'sum', from: ['head', 'encoder/code', 'other/code'] },
      ],
      outputs: ['sum', 'head/apart'],
    },
  ],
  [
    'recurrent layers of steps, some masked',
    {
      inputs: { a: [4], b: [4] },
      layers: [
        { type: 'embedding', name: 'words', input_dim: 5, output_dim: 3, mask_zero: true, from: 'a' },
        { type: 'shared', name: 'others', with: 'words', from: 'b' },
        { type: 'lstm', name: 'first', units: 2, from: 'words' },
        { type: 'shared', name: 'second', with: 'first', from: 'others' },
        { type: 'dot', name: 'alike', axes: 1, from: ['first', 'second'] },
      ],
      outputs: ['alike'],
    },
  ],
] as const)('TensorFlow.js predicts what nnlab does: %s', async (_title, model) => {
  const { graph } = buildGraph(modelSection().parse(model))
  if (graph === undefined) throw new Error('the model is not valid')
  const weights = initialWeights(graph, 1)
  const { topology, weights: order, unsupported } = modelTopology(graph, 'shared')
  expect(unsupported).toEqual([])
  const loaded = await tfl.loadLayersModel({
    load: () =>
      Promise.resolve({
        modelTopology: topology,
        weightSpecs: order.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' as const })),
        weightData: Uint8Array.from(
          Buffer.concat(
            order.map(({ parameter }) => Buffer.from((weights.get(parameter) ?? new Float32Array()).buffer)),
          ),
        ).buffer,
      }),
  })
  const rows = 3
  const inputs = graph.inputs.map(({ name, shape }) => {
    const values = randomUniform(stream(2, name), 0, rows * sizeOf(shape))
    const isIds = model.layers.some(({ type }) => type === 'embedding')
    return {
      name,
      shape: [rows, ...shape],
      data: Float32Array.from(values, (x) => (isIds ? Math.floor(5 * x) : x)),
    }
  })
  const predicted = loaded.predict(inputs.map(({ shape, data }) => tf.tensor(data, shape)))
  const theirs = [predicted].flat()

  const b = new Builder()
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const { outputs } = buildForward(b, graph, {
    inputs: new Map(inputs.map(({ name, shape }) => [name, b.input(name, shape)])),
    parameters: new Map(parameters.map(({ id, shape }) => [id, b.input(id, shape)])),
    training: false,
    counter: b.input('counter', [], 'i32'),
  })
  const given = new Map<string, ArrayLike<number>>([
    ...weights,
    ...inputs.map(({ name, data }) => [name, data] as const),
    ['counter', [0]],
  ])
  const ours = interpret(b.program(outputs), given)
  for (const [i, name] of graph.outputs.entries())
    expectClose(await (theirs[i] ?? tf.tensor([])).data(), Array.from(ours.get(name) ?? []))
})
