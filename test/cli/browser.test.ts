import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)

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

async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Opens a page that loads the model in a folder and applies it; resolves to what it sends back. */
async function inBrowser(
  browser: string,
  folder: string,
  rows: readonly (readonly number[])[],
): Promise<unknown> {
  const script = await pageScript()
  const profile = await folderOf()
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const path = request.url ?? '/'
      if (path === '/answer') {
        let body = ''
        request.on('data', (text: Buffer) => void (body += text.toString()))
        request.on('end', () => {
          response.end()
          resolve(JSON.parse(body))
        })
      } else if (path === '/') {
        response.setHeader('content-type', 'text/html').end('<script src="/script.js"></script>')
      } else if (path === '/script.js') response.end(script)
      else if (path === '/rows.json') response.end(JSON.stringify(rows))
      else {
        readFile(join(folder, path.replace('/model/', ''))).then(
          (file) => response.end(file),
          () => response.writeHead(404).end(),
        )
      }
    })
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1', () => {
      const { port } = z.custom<AddressInfo>().parse(server.address())
      const flags = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-dev-shm-usage',
      ]
      const page = execFile(browser, [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`])
      page.on('error', reject)
      onTestFinished(async () => {
        const closed = new Promise((done) => page.on('close', done))
        page.kill('SIGKILL')
        await closed
      })
    })
  })
}

test.skipIf(chromium === undefined)(
  'a saved model predicts in a page with plain TensorFlow.js what nnlab predicts (needs chromium)',
  async () => {
    const header = [...Array.from({ length: 8 }, (_, i) => `x${i}`), 'y']
    const csv = `${[header, ...ROWS].map((row) => row.join()).join('\n')}\n`
    const cwd = await folderOf({ 'rows.csv': csv, 'nnlab.yaml': JSON.stringify(CONFIG) })
    expect(await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
    const { stdout } = await nnlab(['predict', 'run', 'rows.csv', '--json'], { cwd })
    const found = z.array(z.object({ prediction: z.number() })).parse(JSON.parse(stdout))
    const inputs = ROWS.map((row) => row.slice(0, 8))
    const wanted = z
      .array(z.number())
      .length(ROWS.length)
      .parse(await inBrowser(chromium ?? '', join(cwd, 'run/model'), inputs))
    for (const [i, { prediction }] of found.entries()) {
      expect(Math.abs(prediction - (wanted[i] ?? NaN)), `row ${i}`).toBeLessThan(1e-5)
    }
  },
  60_000,
)
