// The load test of `nnlab serve`: rows over HTTP, none lost, each answer that of `nnlab predict`, beside ONNX Runtime behind
// a plain Node server where onnxruntime-node is (its install script only loads what CUDA needs):
//   npm install --ignore-scripts --prefix bench/.peers onnxruntime-node
//   npm run bench:serve -- runs/digits/001 --requests 20000 --connections 32

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

import * as z from 'zod'

import { openPredictor, predict } from '../src/core/index.ts'
import { runToEnd } from './whole-process.ts'

const Started = z.object({ url: z.string(), token: z.string() })
const Answer = z.array(z.looseObject({ prediction: z.union([z.string(), z.number()]) }))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '32' },
    rows: { type: 'string', default: '1' },
  },
})
const [model = ''] = positionals
const [requests, connections, rowsEach] = [values.requests, values.connections, values.rows].map(Number)

const { columns, folder } = await openPredictor({ model })
if (columns.some(({ kind }) => kind !== 'number')) throw new Error('the load test takes models of numbers')
/** Requests that are sent in turn. */
const bodies = Array.from({ length: 100 }, (_, i) =>
  Array.from({ length: rowsEach ?? 1 }, (_, k) =>
    Object.fromEntries(columns.map(({ name }, j) => [name, (i * 31 + k * 17 + j * 7) % 17])),
  ),
)
const expected = await Promise.all(
  bodies.map(async (rows) => (await predict({ model, rows })).map(({ prediction }) => prediction)),
)

await measure('nnlab serve', ['bin/nnlab.js', 'serve', model, '--port', '0', '--json'])
const scratch = await mkdtemp(join(tmpdir(), 'nnlab-serve-'))
try {
  const file = join(scratch, 'model.onnx')
  await runToEnd(process.execPath, [
    'bin/nnlab.js',
    'export',
    folder,
    '--format',
    'onnx',
    '--raw',
    '-o',
    file,
  ])
  await measure('ONNX Runtime behind node:http', [
    'bench/peers/onnx_server.js',
    file,
    resolve('bench/.peers'),
  ])
} finally {
  await rm(scratch, { recursive: true })
}

/** Starts a server, sends all requests, and prints their latencies. */
async function measure(name: string, argv: readonly string[]): Promise<void> {
  const server = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise((done) => server.once('close', done))
  try {
    const started = await firstLine(server)
    if (started === undefined) return console.log(`${name}: not here`)
    const { url, token } = Started.parse(JSON.parse(started))
    await load(url, token, 2000)
    const begun = performance.now()
    const { latencies, wrong } = await load(url, token, requests ?? 0)
    const seconds = (performance.now() - begun) / 1000
    const sorted = latencies.toSorted((a, b) => a - b)
    const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(2)
    console.log(
      `${name}: ${latencies.length} of ${requests} answered, ${wrong} wrong, ${Math.round(latencies.length / seconds)} a second; ` +
        `ms: median ${at(0.5)}, 95 % ${at(0.95)}, 99 % ${at(0.99)}, most ${at(1)}`,
    )
  } finally {
    server.kill()
    await ended
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  if (!stdout) return undefined
  for await (const line of createInterface({ input: stdout })) return line
  return undefined
}

async function load(url: string, token: string, count: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections ?? 1 })
  const latencies: number[] = []
  let [next, wrong] = [0, 0]
  const client = async (): Promise<void> => {
    while (next < count) {
      const i = next++ % bodies.length
      const begun = performance.now()
      const answer = await ask(agent, `${url}/predict`, token, JSON.stringify(bodies[i]))
      latencies.push(performance.now() - begun)
      const found = Answer.parse(JSON.parse(answer)).map(({ prediction }) => prediction)
      if (found.some((prediction, k) => String(prediction) !== String(expected[i]?.[k]))) wrong += 1
    }
  }
  await Promise.all(Array.from({ length: connections ?? 1 }, client))
  agent.destroy()
  return { latencies, wrong }
}

function ask(agent: Agent, url: string, token: string, body: string): Promise<string> {
  return new Promise((done, fail) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => {
        done(text)
      })
    })
    sent.on('error', fail)
    sent.end(body)
  })
}
