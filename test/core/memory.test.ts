import { readdir } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { ConfigError } from '../../src/diagnostic.ts'
import type { Diagnostic } from '../../src/diagnostic.ts'
import { summary, train, validate } from '../../src/core/index.ts'
import { folderOf } from '../cli/support.ts'
import { localRanks } from '../engine/local-ranks.ts'

type Layer = { readonly type: string; readonly [option: string]: unknown }

/** A config whose rows have the shape that the layers take. */
function configOf(
  input: number[],
  layers: readonly Layer[],
  { batch = 32, engine = 'auto', optimizer = 'sgd' } = {},
) {
  const row = input.reduceRight<unknown>((inner, length) => new Array<unknown>(length).fill(inner), 0.5)
  return {
    name: 'm',
    seed: 1,
    data: { type: 'inline', inputs: [row, row, row, row], targets: [0, 1, 1, 0] },
    model: { input, layers: [...layers, { type: 'flatten' }, { type: 'dense', units: 1 }] },
    compile: { loss: 'mean_squared_error', optimizer, metrics: [] },
    fit: { epochs: 1, batch_size: batch, engine },
  }
}

async function refusal(promise: Promise<unknown>): Promise<Diagnostic[]> {
  const error: unknown = await promise.catch((error: unknown) => error)
  if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError', { cause: error })
  return [...error.diagnostics]
}

const dense = (units: number): Layer => ({ type: 'dense', units })

describe.each<[string, number[], Layer[], string]>([
  ['dense units', [2], [dense(1e15)], 'units'],
  ['more than 2^32 numbers', [2], [dense(2 ** 32 + 1)], 'units'],
  ['weights past 4 GB', [2], [dense(1e9)], 'units'],
  ['an embedding', [2], [{ type: 'embedding', input_dim: 1e8, output_dim: 64 }], 'input_dim'],
  [
    'a gradient beside its weights',
    [2],
    [{ type: 'embedding', input_dim: 1e7, output_dim: 64 }],
    'input_dim',
  ],
  ['repeated rows', [2], [dense(1000), { type: 'repeat_vector', n: 1e9 }], 'n'],
  ['filters', [4, 4, 1], [{ type: 'conv2d', filters: 1e12, kernel_size: 3 }], 'filters'],
  ['padding', [4, 4, 1], [{ type: 'zero_padding2d', padding: 1e9 }], 'padding'],
  ['upsampling', [4, 4, 1], [{ type: 'upsampling2d', size: 1e5 }], 'size'],
  ['recurrent units', [4, 2], [{ type: 'gru', units: 1e9 }], 'units'],
  [
    'a wrapped layer',
    [4, 2],
    [{ type: 'time_distributed', layer: { type: 'dense', units: 1e12 } }],
    'layer.units',
  ],
  [
    'both directions',
    [4, 2],
    [{ type: 'bidirectional', layer: { type: 'lstm', units: 1e7 } }],
    'layer.units',
  ],
  [
    'a transposed convolution',
    [4, 4, 1],
    [{ type: 'conv2d_transpose', filters: 1, kernel_size: 1, strides: 1e6 }],
    'strides',
  ],
  ['a product of moderate layers', [2], [dense(1e5), dense(1e5)], 'units'],
])('%s', (_, input, layers, option) => {
  const config = configOf(input, layers)
  const place = {
    code: 'memory',
    path: expect.stringMatching(RegExp(`^model\\.layers\\[\\d+\\]\\.${option}$`)) as unknown,
  }

  it('is an error of the config, whatever the machine has', async () => {
    expect(await validate({ config, memory: Infinity })).toMatchObject({
      ok: false,
      diagnostics: [{ severity: 'error', ...place }],
    })
    expect(await refusal(summary({ model: config }))).toMatchObject([place])
  })

  it('is refused before there is a run folder', async () => {
    const cwd = await folderOf()
    expect(await refusal(train({ config, cwd, process }))).toMatchObject([place])
    expect(await readdir(cwd)).toEqual([])
  })
})

it('what the machine has not is a warning before training, and refused by it', async () => {
  const config = configOf([2], [dense(4000), dense(1000)], { optimizer: 'adam' })
  const cwd = await folderOf()
  const problem = { code: 'memory', path: 'model.layers[1].units' }
  expect(await validate({ config, memory: 4e7 })).toMatchObject({
    ok: true,
    diagnostics: [{ severity: 'warning', ...problem }],
  })
  const [refused] = await refusal(train({ config, cwd, process, memory: 4e7 }))
  expect(refused).toMatchObject({ severity: 'error', ...problem })
  expect(refused?.message).toMatch(
    /^training on batches of 4 rows takes \d+ MB of memory, and the machine has 40 MB; the layer dense_1 takes the most: 16 MB for its weights/,
  )
  expect(await validate({ config, memory: 4e8 })).toMatchObject({ ok: true, diagnostics: [] })
  expect(await train({ config, cwd, process, memory: 4e8 })).toMatchObject({ epochs: 1 })
})

it('ranks of an MPI job share what their machine has', async () => {
  const config = configOf([2], [dense(4000), dense(1000)], { optimizer: 'adam' })
  const parts = { ...config, fit: { ...config.fit, parts: 4 } }
  const options = { config: parts, cwd: await folderOf(), process, memory: 2e8 }
  const [first] = localRanks(4, 4)
  const [refused] = await refusal(train({ ...options, ranks: first }))
  expect(refused?.message).toContain('the machine has 50 MB for each of 4 ranks;')
  expect(await train(options)).toMatchObject({ epochs: 1 })
})

it('a batch that asks for too much is named, with one that fits', async () => {
  const config = configOf([2], [dense(50_000)], { batch: 1_000_000 })
  const { diagnostics } = await validate({ config, memory: Infinity })
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'memory', path: 'fit.batch_size' }])
  const [, fewer] = /set fit\.batch_size to (\d+)/.exec(diagnostics[0]?.hint ?? '') ?? []
  const smaller = configOf([2], [dense(50_000)], { batch: Number(fewer) })
  expect(await validate({ config: smaller, memory: Infinity })).toMatchObject({ diagnostics: [] })
  // There are four rows: no batch is larger.
  expect(await train({ config, cwd: await folderOf(), process })).toMatchObject({ epochs: 1 })
})

const recurrent = (steps: number, units: number): Layer[] => [
  { type: 'repeat_vector', n: steps },
  { type: 'lstm', units },
]

it('a recurrent layer of 10,000 steps trains where it fits', async () => {
  const config = configOf([2], recurrent(10_000, 8))
  expect(await validate({ config, memory: 1e9 })).toMatchObject({ diagnostics: [] })
  const options = { config, cwd: await folderOf(), process } as const
  expect(await train(options)).toMatchObject({ engine: 'compiled', epochs: 1 })
})

it.each([
  ['there is memory for', 'compiled', 1_000_000],
  ['TensorFlow.js has memory for', 'tfjs', 10_000],
])('a recurrent layer with more steps than %s is refused', async (_, engine, steps) => {
  const config = configOf([2], recurrent(steps, 64), { engine })
  const options = { config, cwd: await folderOf(), process, backend: 'wasm' } as const
  expect(await refusal(train(options))).toMatchObject([
    { code: 'memory', message: expect.stringContaining('the layer lstm takes the most') as unknown },
  ])
})
