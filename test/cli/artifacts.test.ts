import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'

import { randomUniform, stream } from '../../src/random.ts'
import { folderOf, nnlab } from './support.ts'

const COLUMNS = 12
const ROWS = 40

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const NETWORKS: Readonly<Record<string, readonly unknown[]>> = {
  'dense layers': [
    { type: 'dense', units: 9, activation: 'selu' },
    { type: 'dropout', rate: 0.2 },
    'batch_normalization',
    { type: 'dense', units: 5, activation: 'softplus' },
    'layer_normalization',
  ],
  'convolutions over an image': [
    { type: 'reshape', target_shape: [4, 3, 1] },
    { type: 'conv2d', filters: 3, kernel_size: 2, padding: 'same', activation: 'elu' },
    { type: 'separable_conv2d', filters: 4, kernel_size: 2, padding: 'same' },
    { type: 'conv2d_transpose', filters: 2, kernel_size: 3, strides: 2, padding: 'same' },
    { type: 'max_pooling2d', pool_size: 2 },
    { type: 'depthwise_conv2d', kernel_size: 2, activation: 'tanh' },
    'flatten',
  ],
  'convolutions over steps': [
    { type: 'reshape', target_shape: [6, 2] },
    { type: 'conv1d', filters: 4, kernel_size: 3, padding: 'causal', activation: 'relu' },
    { type: 'average_pooling1d', pool_size: 2 },
    'global_max_pooling1d',
  ],
  'convolutions in space': [
    { type: 'reshape', target_shape: [3, 2, 2, 1] },
    { type: 'conv3d', filters: 3, kernel_size: 2, activation: 'tanh' },
    'flatten',
  ],
  'recurrent layers': [
    { type: 'reshape', target_shape: [4, 3] },
    { type: 'bidirectional', layer: { type: 'lstm', units: 3, return_sequences: true } },
    { type: 'gru', units: 4, return_sequences: true, reset_after: false },
    { type: 'time_distributed', layer: { type: 'dense', units: 3, activation: 'sigmoid' } },
    { type: 'simple_rnn', units: 5 },
  ],
  'branches that meet': [
    { type: 'dense', name: 'left', units: 6, activation: 'sigmoid', from: 'input' },
    { type: 'dense', name: 'right', units: 6, activation: 'relu', from: 'input' },
    { type: 'multiply', name: 'product', from: ['left', 'right'] },
    { type: 'maximum', name: 'largest', from: ['left', 'right'] },
    { type: 'concatenate', name: 'both', from: ['product', 'largest'] },
  ],
}

function csv(): string {
  const numbers = randomUniform(stream(0, 'rows'), 0, ROWS * (COLUMNS + 1))
  const names = [...Array.from({ length: COLUMNS }, (_, i) => `x${i}`), 'y']
  const lines = Array.from({ length: ROWS }, (_, row) =>
    names.map((_, i) => (4 * (numbers[row * names.length + i] ?? 0) - 2).toFixed(3)).join(),
  )
  return `${[names.join(), ...lines].join('\n')}\n`
}

async function loadPlain(folder: string): Promise<tfl.LayersModel> {
  const model = z
    .object({
      modelTopology: z.record(z.string(), z.unknown()),
      weightsManifest: z.tuple([
        z.object({
          weights: z.array(
            z.object({ name: z.string(), shape: z.array(z.int()), dtype: z.literal('float32') }),
          ),
        }),
      ]),
    })
    .parse(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')))
  const { buffer: weightData } = new Uint8Array(await readFile(join(folder, 'weights.bin')))
  const { modelTopology, weightsManifest } = model
  const weightSpecs = weightsManifest[0].weights
  return tfl.loadLayersModel({
    load: () => Promise.resolve({ modelTopology, weightSpecs, weightData }),
  })
}

describe.each(Object.entries(NETWORKS))('%s', (_name, layers) => {
  test('saved, they predict in plain TensorFlow.js what nnlab predicts', async () => {
    const rows = csv()
    const config = {
      name: 'net',
      data: { type: 'csv', path: 'rows.csv', target: 'y', features: { scale: 'none' } },
      model: { input: [COLUMNS], layers: [...layers, { type: 'dense', units: 1 }] },
      compile: { loss: 'mean_squared_error', optimizer: { type: 'adam', learning_rate: 0.01 } },
      fit: { batch_size: 16, epochs: 3 },
    }
    const cwd = await folderOf({ 'rows.csv': rows, 'nnlab.yaml': JSON.stringify(config) })
    const trained = await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })
    expect(trained).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await nnlab(['predict', 'run', 'rows.csv', '--json'], { cwd })
    const found = z.array(z.object({ prediction: z.number() })).parse(JSON.parse(stdout))

    const plain = await loadPlain(join(cwd, 'run/model'))
    const inputs = rows
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, COLUMNS).map(Number))
    const wanted = z
      .instanceof(tf.Tensor)
      .parse(plain.predict(tf.tensor2d(inputs)))
      .dataSync()
    expect(found).toHaveLength(ROWS)
    for (const [i, { prediction }] of found.entries()) {
      const y = wanted[i] ?? NaN
      expect(Math.abs(prediction - y), `row ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(y)))
    }
  })
})
