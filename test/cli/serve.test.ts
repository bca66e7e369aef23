import { cp } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { listening } from './listening.ts'
import { folderOf, nnlab } from './support.ts'

const Records = z.array(z.looseObject({ row: z.number() }))

/** Runs `nnlab serve`, and asks it. */
async function served(cwd: string, env: NodeJS.ProcessEnv = {}) {
  const server = await listening(['serve', 'run'], cwd, env)
  const ask = (path: string, init: RequestInit = {}, type = 'application/json') =>
    fetch(server.url + path, {
      ...init,
      headers: { authorization: `Bearer ${server.token ?? ''}`, 'content-type': type },
    })
  return { ...server, ask }
}

async function trained(config: string): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': config })
  await cp('configs/data/iris.csv', join(cwd, 'iris.csv'))
  expect(await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

const IRIS = `
data: {type: csv, path: iris.csv, target: species, features: {scale: standard}}
model: {layers: [{type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: sgd}
fit: {epochs: 2}
`

const COLUMNS = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width']
const rows = Array.from({ length: 40 }, (_, i) =>
  Object.fromEntries(COLUMNS.map((column, k) => [column, 1 + ((7 * i + 3 * k) % 50) / 10])),
)

it('gives the predictions of nnlab predict, whatever arrives together', { timeout: 120_000 }, async () => {
  const cwd = await trained(IRIS)
  const json = JSON.stringify(rows)
  const expected: unknown[] = JSON.parse(
    (
      await nnlab(['predict', 'run', '--from', 'jsonl', '--json', '--digits', 'full', '--quiet'], {
        cwd,
        stdin: json,
      })
    ).stdout,
  )
  const { ask, url, ...told } = await served(cwd, { NNLAB_TOKEN: 'my-token' })
  const run = 'run'
  expect(told).toMatchObject({ token: 'my-token', run })

  const whole = Records.parse(await (await ask('/predict', { method: 'POST', body: json })).json())
  expect(whole.map((record) => ({ ...record, run }))).toEqual(expected)
  const single = await Promise.all(
    rows.map(async (row) => (await ask('/predict', { method: 'POST', body: JSON.stringify(row) })).json()),
  )
  expect(single).toEqual(whole.map((record) => [{ ...record, row: 1 }]))
  const csv = [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => row[name]).join(',')), ''].join(
    '\n',
  )
  expect(await (await ask('/predict', { method: 'POST', body: csv }, 'text/csv')).json()).toEqual(whole)

  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', run: 'run' })
  expect(await (await ask('/openapi.json')).json()).toMatchObject({
    openapi: '3.1.0',
    components: { schemas: { Row: { required: COLUMNS } } },
  })
})

it('says what is wrong with rows, and goes on', { timeout: 120_000 }, async () => {
  const { ask, io, stop, code } = await served(await trained(IRIS))
  const answers = await Promise.all(
    [
      '{',
      '{"petal_width": NaN}',
      Buffer.from('{"town": "Köln"}', 'latin1'),
      `\ufeff${JSON.stringify(rows[2])}`,
      '[1]',
      '[{"petal_width": 1}]',
      JSON.stringify([rows[0], { ...rows[1], sepal_width: 'wide' }]),
      JSON.stringify(rows[2]),
    ].map(async (body) => {
      const answer = await ask('/predict', { method: 'POST', body })
      return `${answer.status} ${await answer.text()}`
    }),
  )
  expect(answers).toEqual([
    expect.stringMatching(/^400 .*the body is not JSON: /),
    expect.stringMatching(/^400 .*the body is not JSON: .*N.*null is a missing value/),
    expect.stringMatching(/^400 .*the body is not UTF-8/),
    expect.stringMatching(/^200 \[\{"row":1,"prediction"/),
    expect.stringMatching(/^400 .*row 1 is not an object of values by column/),
    expect.stringMatching(/^400 .*the column \\"sepal_length\\" is missing/),
    expect.stringMatching(/^400 .*row 2: \\"wide\\" in column \\"sepal_width\\" is not a finite number/),
    expect.stringMatching(/^200 \[\{"row":1,"prediction"/),
  ])
  const form = await ask('/predict', { method: 'POST', body: 'a=1' }, 'application/x-www-form-urlencoded')
  expect([form.status, await form.text()]).toEqual([415, expect.stringContaining('Content-Type')])
  const line = await ask('/predict', { method: 'POST', body: COLUMNS.join(',') }, 'text/csv')
  expect([line.status, await line.text()]).toEqual([400, expect.stringContaining('line ends')])
  expect((await ask('/predict', { method: 'POST', body: '<row/>' }, 'application/xml')).status).toBe(415)
  const csv = [COLUMNS.join(','), '1,2,3,wide\n'].join('\n')
  const refused = await (await ask('/predict', { method: 'POST', body: csv }, 'text/csv')).text()
  expect(refused).toMatch(/\\"wide\\" in column .* GET \/openapi.json describes them/)
  expect(refused).not.toContain('data.')
  const asked = await ask('/predict?threshold=0.3', { method: 'POST', body: JSON.stringify(rows[2]) })
  expect(`${asked.status} ${await asked.text()}`).toMatch(
    /^400 .*takes no option \\"threshold\\".*is started/,
  )
  stop('SIGTERM')
  expect(await code).toBe(143)
  expect(io.stderr.text).toBe('model of run\n')
})

it('predicts what follows the rows of a time series', { timeout: 120_000 }, async () => {
  const cwd = await trained(`
data: {type: csv, path: iris.csv, target: petal_width, features: {columns: [petal_width]}, window: {steps: 3}}
model: {layers: [flatten, {type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: sgd}
fit: {epochs: 1}
`)
  const { ask } = await served(cwd)
  const body = JSON.stringify([0.1, 0.2, 0.4, 0.3].map((petal_width) => ({ petal_width })))
  const answer = await ask('/predict', { method: 'POST', body })
  expect(await answer.json()).toEqual([{ row: 4, prediction: expect.any(Number) }])
})

it('refuses a port that is none', async () => {
  expect(await nnlab(['serve', 'run', '--port', '70000'])).toMatchObject({
    code: 2,
    stderr: 'error: --port must be a whole number from 0 to 65535, got 70000\n',
  })
})
