import { join } from 'node:path'

import { expect, test } from 'vitest'
import * as z from 'zod'

import { chromiumPath } from './chromium-path.ts'
import { inPage } from './in-page.ts'
import { folderOf, nnlab } from './support.ts'

const ROWS = Array.from({ length: 30 }, (_, row) =>
  Array.from({ length: 9 }, (_, i) => Number(Math.sin(3.7 * row + 1.3 * i * i).toFixed(3))),
)

const CONFIG = {
  name: 'net',
  data: { type: 'csv', path: 'rows.csv', target: 'y', features: { scale: 'none' } },
  model: {
    input: [8],
    layers: [
      { type: 'reshape', name: 'image', target_shape: [4, 2, 1] },
      { type: 'conv2d', filters: 3, kernel_size: 2, padding: 'same', activation: 'relu' },
      'batch_normalization',
      { type: 'flatten', name: 'seen' },
      { type: 'dense', name: 'read', units: 5, activation: 'gelu', from: 'input' },
      { type: 'concatenate', from: ['seen', 'read'] },
      { type: 'dense', units: 1 },
    ],
  },
  compile: { loss: 'mean_squared_error', optimizer: { type: 'adam', learning_rate: 0.01 } },
  fit: { batch_size: 8, epochs: 5 },
}

/** What a page does with a saved model: nothing of nnlab is in it. */
const PAGE = `
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { loadLayersModel } from '@tensorflow/tfjs-layers'

async function answer() {
  const rows = await (await fetch('/rows.json')).json()
  const model = await loadLayersModel('/model/model.json')
  return Array.from(model.predict(tf.tensor2d(rows)).dataSync())
}
answer()
  .catch((error) => ({ error: String(error) }))
  .then((found) => fetch('/answer', { method: 'POST', body: JSON.stringify(found) }))
`

/** The same with nnlab's own package, in the page and in a worker of it. */
const PACKAGE_PAGE = `
import { loadModel } from '../../src/runtime/index.ts'

async function answer() {
  const rows = await (await fetch('/rows.json')).json()
  const model = await loadModel('/model/')
  return model.predict(rows).map(({ prediction }) => prediction)
}
const inWorker = () => new Promise((resolve) => {
  const worker = new Worker('/script.js')
  worker.onmessage = ({ data }) => resolve(data)
})
const found = answer().catch((error) => ({ error: String(error) }))
if (typeof document === 'undefined') found.then((predictions) => postMessage(predictions))
else Promise.all([found, inWorker()])
  .then((both) => fetch('/answer', { method: 'POST', body: JSON.stringify(both) }))
`

const HEADER = [...Array.from({ length: 8 }, (_, i) => `x${i}`), 'y']

/** The folder of a trained run, `run`, and of its rows. */
async function trainedNet(): Promise<string> {
  const csv = `${[HEADER, ...ROWS].map((row) => row.join()).join('\n')}\n`
  const cwd = await folderOf({ 'rows.csv': csv, 'nnlab.yaml': JSON.stringify(CONFIG) })
  expect(await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

async function commandPredicts(cwd: string): Promise<number[]> {
  const command = ['predict', 'run', 'rows.csv', '--json', '--digits', 'full']
  const { stdout } = await nnlab(command, { cwd })
  const records = z.array(z.object({ prediction: z.number() })).parse(JSON.parse(stdout))
  return records.map(({ prediction }) => prediction)
}

test.skipIf(chromiumPath === undefined)(
  'a saved model predicts in a page with plain TensorFlow.js what nnlab predicts (needs chromium)',
  async () => {
    const cwd = await trainedNet()
    const inputs = ROWS.map((row) => row.slice(0, 8))
    const wanted = z
      .array(z.number())
      .length(ROWS.length)
      .parse(await inPage(PAGE, join(cwd, 'run/model'), inputs))
    for (const [i, prediction] of (await commandPredicts(cwd)).entries()) {
      expect(Math.abs(prediction - (wanted[i] ?? NaN)), `row ${i}`).toBeLessThan(1e-5)
    }
  },
  60_000,
)

test.skipIf(chromiumPath === undefined)(
  'nnlab/predict predicts in a page and in a worker what the command predicts, to the bit (needs chromium)',
  async () => {
    const cwd = await trainedNet()
    const rows = ROWS.map((row) =>
      Object.fromEntries(row.map((value, i): [string, number] => [HEADER[i] ?? '', value])),
    )
    const predicted = await commandPredicts(cwd)
    expect(await inPage(PACKAGE_PAGE, join(cwd, 'run/model'), rows)).toEqual([predicted, predicted])
  },
  60_000,
)
