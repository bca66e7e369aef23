import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { describe, expect, it, onTestFinished } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const config = (uri: string, more = ''): string => `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0], split: {validation: 0.25}}
model: {input: [2], layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 2, epochs: 4, callbacks: [{type: mlflow, uri: '${uri}'${more}}]}
checkpoint: {every: 1 epoch, keep: 9}
`

type Metric = { key: string; value: number; step: number; timestamp: number }
type StoredRun = {
  id: string
  name: string
  experiment: string
  status: string
  params: Map<string, string>
  tags: Map<string, string>
  metrics: Metric[]
}
type Body = {
  name: string
  experiment_ids: string[]
  experiment_id: string
  filter: string
  run_id: string
  run_name: string
  status: string
  tags?: { key: string; value: string }[]
  params?: { key: string; value: string }[]
  metrics?: Metric[]
}

/** MLflow takes a key for a path, and refuses one that leads to another one's place. */
function isPlainPath(key: string): boolean {
  return !key.split('/').some((part) => ['', '.', '..'].includes(part))
}

/** A server that answers, and refuses, as MLflow's own does (mlflow/server/handlers.py, mlflow/utils/validation.py). */
async function stubServer({ authorization }: { authorization?: string } = {}) {
  const experiments = new Map<string, string>()
  const runs: StoredRun[] = []
  const refuse = (code: string): [number, object] => [
    code === 'RESOURCE_DOES_NOT_EXIST' ? 404 : 400,
    { error_code: code, message: 'no' },
  ]
  const infoOf = ({ id, params }: StoredRun) => ({
    info: { run_id: id },
    data: { params: Array.from(params, ([key, value]) => ({ key, value })) },
  })
  const answer = (path: string, query: URLSearchParams, body: Body): [number, object] => {
    const run = runs.find(({ id }) => id === body.run_id)
    switch (path) {
      case 'experiments/get-by-name': {
        const id = experiments.get(query.get('experiment_name') ?? '')
        return id === undefined
          ? refuse('RESOURCE_DOES_NOT_EXIST')
          : [200, { experiment: { experiment_id: id } }]
      }
      case 'experiments/create':
        if (experiments.has(body.name)) return refuse('RESOURCE_ALREADY_EXISTS')
        experiments.set(body.name, String(experiments.size + 1))
        return [200, { experiment_id: String(experiments.size) }]
      case 'runs/search': {
        const [, key = '', value] = /^tags\.`(.*)` = '(.*)'$/.exec(body.filter) ?? []
        const found = runs.filter(
          (one) => body.experiment_ids.includes(one.experiment) && one.tags.get(key) === value,
        )
        return [200, found.length === 0 ? {} : { runs: found.map(infoOf) }]
      }
      case 'runs/create': {
        const tags = new Map((body.tags ?? []).map((tag) => [tag.key, tag.value]))
        const made = {
          id: `run${runs.length}`,
          name: body.run_name,
          experiment: body.experiment_id,
          status: 'RUNNING',
          params: new Map<string, string>(),
          tags,
          metrics: [],
        }
        runs.push(made)
        return [200, { run: infoOf(made) }]
      }
      case 'runs/update':
        if (run) run.status = body.status
        return [200, {}]
      case 'runs/log-batch': {
        const { params = [], tags = [], metrics = [] } = body
        const entries = [...params, ...tags, ...metrics]
        if (params.length > 100 || tags.length > 100 || metrics.length > 1000)
          return refuse('INVALID_PARAMETER_VALUE')
        if (entries.some(({ key }) => !/^[/\w.\- ]{1,250}$/.test(key) || !isPlainPath(key)))
          return refuse('INVALID_PARAMETER_VALUE')
        for (const { key, value } of params) {
          if (value.length > 500 || (run?.params.get(key) ?? value) !== value)
            return refuse('INVALID_PARAMETER_VALUE')
          run?.params.set(key, value)
        }
        for (const { key, value } of tags) run?.tags.set(key, value)
        run?.metrics.push(...metrics)
        return [200, {}]
      }
      default:
        return refuse('ENDPOINT_NOT_FOUND')
    }
  }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://localhost')
      const path = url.pathname.replace('/api/2.0/mlflow/', '')
      const [status, value] =
        request.headers.authorization === authorization
          ? answer(path, url.searchParams, (body === '' ? {} : JSON.parse(body)) as Body)
          : [401, {}]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, experiments, runs }
}

const train = ['train', '--quiet', '--run-dir', 'run']

describe('the callback mlflow', () => {
  it('logs the config and the metrics of each epoch, and how training ended', async () => {
    const { uri, experiments, runs } = await stubServer()
    const cwd = await folderOf({ 'nnlab.yaml': config(uri) })
    expect(await nnlab(train, { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect([...experiments.keys()]).toEqual(['xor'])
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ name: 'run', status: 'FINISHED' })
    expect(Object.fromEntries(runs[0]?.params ?? [])).toMatchObject({
      'fit.epochs': '4',
      'model.layers.0.units': '4',
      'compile.optimizer.type': 'adam',
      'data.targets': '[0,1,1,0]',
    })
    const logged = runs[0]?.metrics.map(({ key, step }) => `${key} ${step}`) ?? []
    expect(logged).toEqual(
      [1, 2, 3, 4].flatMap((step) =>
        ['loss', 'accuracy', 'val_loss', 'val_accuracy'].map((key) => `${key} ${step}`),
      ),
    )
  })

  it('continues the same run where training is resumed, with what has changed as tags', async () => {
    const { uri, runs } = await stubServer()
    const cwd = await folderOf({ 'nnlab.yaml': config(uri, ', experiment: mine') })
    await nnlab(train, { cwd })
    await rm(join(cwd, 'run/checkpoints/00004-000000'), { recursive: true })
    expect(
      await nnlab(['train', '--quiet', '--resume', 'run', '--set', 'fit.epochs=6'], { cwd }),
    ).toMatchObject({ code: 0, stderr: expect.not.stringContaining('mlflow:') as unknown })
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ status: 'FINISHED' })
    expect(runs[0]?.tags.get('changed.fit.epochs')).toBe('6')
    expect(runs[0]?.metrics.filter(({ key }) => key === 'loss').map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 4, 5, 6,
    ])
  })

  it('says that a run has failed or was interrupted', async () => {
    const { uri, runs } = await stubServer()
    const cwd = await folderOf({ 'nnlab.yaml': config(uri) })
    const diverging = [
      'compile.loss=mean_squared_error',
      'compile.optimizer={type: sgd, learning_rate: 1e30}',
      'model.layers[1].activation=linear',
      'compile.metrics=[]',
    ]
    expect((await nnlab([...train, ...diverging.flatMap((set) => ['--set', set])], { cwd })).code).toBe(5)
    const long = ['train', '--quiet', '--run-dir', 'long', '--set', 'fit.epochs=1000000']
    expect((await nnlab(long, { cwd, signal: { after: 3000, name: 'SIGINT' } })).code).toBe(130)
    expect(runs.map(({ status }) => status)).toEqual(['FAILED', 'KILLED'])
  })

  it('stops no training where the server is away, and tells what is missing', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config('http://127.0.0.1:9') })
    const { code, stderr } = await nnlab(['train', '--run-dir', 'run'], { cwd })
    expect(code).toBe(0)
    expect(stderr.match(/does not answer as it should/g)).toHaveLength(1)
    expect(stderr).toContain(
      '16 metric values and the status FINISHED could not be sent to http://127.0.0.1:9',
    )
  })

  it.each([
    [
      { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'secret', MLFLOW_TRACKING_TOKEN: 'no' },
      `Basic ${Buffer.from('ada:secret').toString('base64')}`,
    ],
    [{ MLFLOW_TRACKING_TOKEN: 'token' }, 'Bearer token'],
  ])('authenticates as MLflow does (%#)', async (env, authorization) => {
    const { uri, runs } = await stubServer({ authorization })
    const cwd = await folderOf({ 'nnlab.yaml': config(uri) })
    const { stderr } = await nnlab(['train', '--run-dir', 'run'], { cwd })
    expect([runs.length, stderr]).toEqual([0, expect.stringContaining('HTTP 401')])
    await nnlab(['train', '--quiet', '--run-dir', 'again'], { cwd, env })
    expect(runs.map(({ status }) => status)).toEqual(['FINISHED'])
  })

  it('keeps to the limits of the server', async () => {
    const { uri, runs } = await stubServer()
    const layers = Array.from({ length: 60 }, () => '{type: dense, units: 2}').join(', ')
    const long = config(uri)
      .replace('{type: dense, units: 4, activation: tanh}', layers)
      .replace(
        'inputs: [[0, 0], [0, 1], [1, 0], [1, 1]]',
        `inputs: [${Array.from({ length: 400 }, (_, i) => `[0, ${i % 2}]`).join(', ')}]`,
      )
      .replace(
        'targets: [0, 1, 1, 0]',
        `targets: [${Array.from({ length: 400 }, (_, i) => i % 2).join(', ')}]`,
      )
    const cwd = await folderOf({ 'nnlab.yaml': long.replace('epochs: 4', 'epochs: 1') })
    expect(await nnlab(train, { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(runs[0]?.params.size).toBeGreaterThan(500)
    expect(runs[0]?.params.get('data.inputs')).toMatch(/^\[\[0,0\].*…$/)
  })
})
