import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { readImported } from '../../src/exchange/imported-model.ts'
import { loadModel } from '../../src/run/model-files.ts'
import type { SavedModel } from '../../src/run/model-files.ts'
import { RunRecord } from '../../src/run/record.ts'
import { folderOf, nnlab } from './support.ts'

const rows = (shift: number): string =>
  ['a,b,y', ...Array.from({ length: 24 }, (_, i) => `${shift + (i % 5)},${(i * 7) % 11},${i % 2}`)].join('\n')

const common = `
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {batch_size: 8, epochs: 2}
`
const BASE = `
name: base
data: {type: csv, path: base.csv, target: y, features: {scale: standard}}
model:
  layers:
    - {type: dense, units: 6, activation: relu}
    - batch_normalization
    - {type: dense, units: 4, activation: relu, name: code}
    - {type: dense, units: 1, activation: sigmoid}
${common}`

const HEAD = `
name: head
data: {type: csv, path: head.csv, target: y, features: {scale: standard}}
model:
  from: runs/base/latest
  until: code
  freeze: [dense, batch*]
  layers:
    - {type: dense, units: 1, activation: sigmoid}
${common}`

async function withBase(head = HEAD): Promise<string> {
  const cwd = await folderOf({
    'base.csv': rows(0),
    'head.csv': rows(100),
    'base.yaml': BASE,
    'head.yaml': head,
  })
  expect(await nnlab(['train', 'base.yaml', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

/** The models of the first runs of both configs. */
const modelsIn = (cwd: string): Promise<SavedModel[]> =>
  Promise.all(['base', 'head'].map((name) => loadModel(join(cwd, 'runs', name, '001'))))

const recordOf = async (cwd: string, run: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cwd, run, 'run.json'), 'utf8'))

it('a model takes layers and weights of a run, and training leaves frozen ones as they were', async () => {
  const cwd = await withBase()
  const { stdout } = await nnlab(['summary', 'head.yaml', '--data', '--json'], { cwd })
  expect(JSON.parse(stdout)).toMatchObject({
    layers: [
      {},
      { name: 'dense', trainable: false },
      { name: 'batch_normalization', trainable: false },
      { name: 'code', trainable: true },
      { name: 'dense_1', trainable: true, connections: ['code'] },
    ],
    totals: { trainable: 4 * 6 + 4 + 5, non_trainable: 6 * 3 + 4 * 6 },
  })
  const trained = await nnlab(['train', 'head.yaml'], { cwd })
  expect(trained).toMatchObject({ code: 0, stderr: expect.stringContaining('keep_transforms') })
  const [base, head] = await modelsIn(cwd)
  for (const id of [
    'dense/kernel',
    'dense/bias',
    'batch_normalization/moving_mean',
    'batch_normalization/gamma',
  ])
    expect(head?.weights.get(id), id).toEqual(base?.weights.get(id))
  expect(head?.weights.get('code/kernel')).not.toEqual(base?.weights.get('code/kernel'))
  expect(await recordOf(cwd, 'runs/head/001')).toMatchObject({
    base_model: { path: join(cwd, 'runs/base/latest'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
})

it('a run is resumed and reproduced without the model that it started from', async () => {
  const cwd = await withBase()
  await nnlab(['train', 'head.yaml', '--set', 'fit.epochs=4', '--run-dir', 'whole', '--quiet'], { cwd })
  await nnlab(['train', 'head.yaml', '--quiet'], { cwd })
  await rm(join(cwd, 'runs/base'), { recursive: true })
  const again = await nnlab(['train', 'head.yaml', '--resume', '--set', 'fit.epochs=4', '--json'], { cwd })
  expect(again.code).toBe(0)
  const { weights_sha256 } = RunRecord.parse(await recordOf(cwd, 'whole'))
  expect(JSON.parse(again.stdout)).toMatchObject({ weights_sha256 })
  expect(await nnlab(['verify', 'runs/head/001'], { cwd })).toMatchObject({ code: 0 })
  expect(await nnlab(['validate', 'head.yaml'], { cwd })).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('model.from: there is no model in'),
  })
})

it('a run is not resumed from another model than it started from', async () => {
  const cwd = await withBase()
  await nnlab(['train', 'head.yaml', '--quiet'], { cwd })
  await nnlab(['train', 'base.yaml', '--set', 'seed=5', '--quiet'], { cwd })
  const other = ['--set', 'model.from=runs/base/002']
  expect(await nnlab(['train', 'head.yaml', '--resume', ...other], { cwd })).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('another model'),
  })
})

it('a layer that shares the weights of another keeps sharing them, and layers inside a model are not taken', async () => {
  const cwd = await withBase()
  const base = (layer: string): string[] => ['--set', `model.layers[2]=${layer}`, '--quiet']
  const shared = base('{type: shared, with: dense_6, name: code}')
  const first = ['--set', 'model.layers[0]={type: dense, units: 2, activation: relu, name: dense_6}']
  expect(await nnlab(['train', 'base.yaml', ...first, ...shared], { cwd })).toMatchObject({ code: 0 })
  const taken = ['--set', 'model.freeze=[dense_6]', '--quiet']
  expect(await nnlab(['train', 'head.yaml', ...taken], { cwd })).toMatchObject({ code: 0 })
  const { graph } = await loadModel(join(cwd, 'runs/head/001'))
  expect(graph.nodes.find(({ name }) => name === 'code')).toMatchObject({ shares: 'dense_6' })

  const inside = base('{type: model, name: code, layers: [{type: dense, units: 3}]}')
  expect(await nnlab(['train', 'base.yaml', ...inside], { cwd })).toMatchObject({ code: 0 })
  expect(await nnlab(['validate', 'head.yaml'], { cwd })).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('a model inside, code'),
  })
})

it('keep_transforms encodes rows as the model does that they are taken from', async () => {
  const cwd = await withBase()
  await nnlab(['train', 'head.yaml', '--set', 'model.keep_transforms=true', '--quiet'], { cwd })
  const [base, head] = await modelsIn(cwd)
  expect(head?.preprocessing.inputs).toEqual(base?.preprocessing.inputs)
})

it('weights names every parameter that does not fit', async () => {
  const wrong = `
name: head
data: {type: csv, path: head.csv, target: y}
model:
  input: [2]
  weights: runs/base/latest
  layers:
    - {type: dense, units: 5, activation: relu}
    - {type: dense, units: 1, activation: sigmoid, name: score}
${common}`
  const cwd = await withBase(wrong)
  const { code, stderr } = await nnlab(['validate', 'head.yaml'], { cwd })
  expect(code).toBe(6)
  expect(stderr).toContain('dense/kernel: wanted [2, 5], found [2, 6]')
  expect(stderr).toContain('score/bias: wanted [1], found nothing')
})

it('weights are those that training starts with', async () => {
  const cwd = await withBase(
    BASE.replace('name: base', 'name: head').replace('model:', 'model:\n  weights: runs/base/latest'),
  )
  const still = 'compile.optimizer={type: sgd, learning_rate: 1.0e-30}'
  await nnlab(['train', 'head.yaml', '--set', still, '--quiet'], { cwd })
  const [base, head] = await modelsIn(cwd)
  expect(head?.weights.get('code/kernel')).toEqual(base?.weights.get('code/kernel'))
})

it('mistakes about the model to start from are told with what there is', async () => {
  const cwd = await withBase()
  const wrong = async (...set: string[]): Promise<string> => {
    const { code, stderr } = await nnlab(['validate', 'head.yaml', ...set.flatMap((one) => ['--set', one])], {
      cwd,
    })
    expect(code).toBe(3)
    return stderr
  }
  expect(await wrong('model.until=cod')).toContain('did you mean "code"?')
  expect(await wrong('model.freeze=[conv*]')).toContain('no layer is named "conv*"')
  expect(await wrong('model.weights=runs/base/latest')).toContain('cannot be used together')
  expect(await wrong('model.from=null')).toContain('`until` needs `from`')
  expect(await wrong('model.input=[3, 3, 3]')).toContain('data')
})

const still = ['--set', 'compile.optimizer={type: sgd, learning_rate: 1.0e-30}', '--quiet']

/** A model of another program: of the run, or one that Keras saved with layers of the same shapes. */
async function foreignModel(cwd: string, format: 'keras' | 'h5' | 'onnx' | 'tfjs'): Promise<string> {
  const path = format === 'tfjs' ? 'other' : `other.${format}`
  if (format === 'h5') {
    await copyFile(new URL('../golden/plain.h5', import.meta.url), join(cwd, path))
    return path
  }
  const exported = ['export', 'runs/base/001', '--format', format, '-o', path, '--quiet']
  expect(await nnlab(exported, { cwd, env: { NNLAB_PYTHON: '/nowhere' } })).toMatchObject({ code: 0 })
  if (format !== 'tfjs') return path
  const file = join(cwd, path, 'model.json')
  const { userDefinedMetadata: _own, ...others } = z
    .looseObject({})
    .parse(JSON.parse(await readFile(file, 'utf8')))
  await writeFile(file, JSON.stringify(others))
  return path
}

it.each(['keras', 'h5', 'onnx', 'tfjs'] as const)(
  'a model takes layers and weights, or weights alone, of a model of another program: %s',
  async (format) => {
    const cwd = await withBase(HEAD.replace('  freeze: [dense, batch*]\n', ''))
    const path = await foreignModel(cwd, format)
    const { saved } = await readImported(join(cwd, path), path)
    const [first, second] = saved.graph.nodes.filter(({ config }) => config.type === 'dense')
    const from = ['--set', `model.from=${path}`, '--set', `model.until=${second?.name ?? ''}`]
    expect(await nnlab(['train', 'head.yaml', ...from, ...still], { cwd })).toMatchObject({ code: 0 })
    const head = await loadModel(join(cwd, 'runs/head/001'))
    for (const layer of [first, second])
      for (const { id } of layer?.parameters ?? [])
        expect(head.weights.get(id), id).toEqual(saved.weights.get(id))
    const weights = [
      '--set',
      `model.weights=${path}`,
      '--set',
      'model.from=null',
      '--set',
      'model.until=null',
    ]
    const layers = saved.spec.model.layers.filter(({ type }) => type !== 'batch_normalization')
    const same = ['--set', `model.layers=${JSON.stringify(layers.map(({ from: _from, ...layer }) => layer))}`]
    expect(await nnlab(['train', 'head.yaml', ...weights, ...same, ...still], { cwd })).toMatchObject({
      code: 0,
    })
    const again = await loadModel(join(cwd, 'runs/head/002'))
    expect(again.weights.get(`${second?.name}/kernel`)).toEqual(saved.weights.get(`${second?.name}/kernel`))
  },
)

it.each([
  ['from', HEAD.replace('until: code', 'until: code\n  keep_transforms: true')],
  ['from, with all of its layers', HEAD.replace(/ {2}until[^]*sigmoid\}/, '')],
  [
    'weights',
    BASE.replace('name: base', 'name: head').replace('model:', 'model:\n  weights: runs/base/latest'),
  ],
])(
  'a sweep searches the own layers of a config, and its best config is trained alike: %s',
  async (_, head) => {
    const cwd = await withBase(head)
    const parameter = head.includes('until') ? 'model.layers[0].use_bias=true,false' : 'fit.batch_size=4,8'
    const argv = ['sweep', 'head.yaml', parameter, '--set', 'sweep.metric.name=loss', '--json', '--quiet']
    const found = await nnlab(argv, { cwd })
    expect(found).toMatchObject({ code: 0, stderr: '' })
    const Found = z.object({
      best: z.object({ runs: z.array(z.object({ weights_sha256: z.string() })) }),
      best_config: z.string(),
    })
    const { best, best_config: config } = Found.parse(JSON.parse(found.stdout))
    const trained = await nnlab(['train', config, '--json', '--quiet'], { cwd })
    expect(JSON.parse(trained.stdout)).toMatchObject({ weights_sha256: best.runs[0]?.weights_sha256 })
    if (!head.includes('until')) return
    const { weights } = await loadModel(join(cwd, 'runs/head/sweep-001/trials/0002'))
    expect([...weights.keys()].filter((id) => id.endsWith('/bias'))).toEqual(['dense/bias', 'code/bias'])
  },
)
