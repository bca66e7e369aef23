import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { networkWith } from '../../src/exchange/c/compiler.ts'
import { c } from '../../src/exchange/c/index.ts'
import type { ModelToExport } from '../../src/exchange/format.ts'
import type { NamedArray } from '../../src/exchange/program.ts'
import { modelToExport } from './model.ts'
import { predictionsOf } from './predictions.ts'

const compilers = ['gcc', 'clang'].filter((name) => spawnSync(name, ['--version']).status === 0)

/** Every kind of product, and what stays float32 between them. */
const MODEL = {
  inputs: { image: [5, 4, 2], words: [3] },
  layers: [
    { type: 'conv2d', filters: 3, kernel_size: 3, padding: 'same', strides: 2, from: 'image', name: 'conv' },
    { type: 'depthwise_conv2d', kernel_size: 2, depth_multiplier: 2, from: 'image', name: 'depthwise' },
    { type: 'conv2d_transpose', filters: 3, kernel_size: 3, strides: 2, from: 'image', name: 'transposed' },
    { type: 'reshape', target_shape: [20, 2], from: 'image', name: 'steps' },
    { type: 'dense', units: 4, use_bias: false, from: 'steps', name: 'dense' },
    { type: 'rescaling', scale: -1, from: 'steps', name: 'turned' },
    { type: 'dense', units: 3, use_bias: false, from: 'turned', name: 'deep' },
    { type: 'gru', units: 2, from: 'steps', name: 'gru' },
    { type: 'embedding', input_dim: 6, output_dim: 4, from: 'words', name: 'table' },
  ],
  outputs: ['conv', 'depthwise', 'transposed', 'dense', 'deep', 'gru', 'table'],
}

/** Rows of whole numbers from -100 to 155, which an int8 holds exactly. */
const ROWS: readonly NamedArray[] = [
  {
    name: 'image',
    shape: [7, 5, 4, 2],
    data: Float32Array.from({ length: 280 }, (_, i) => ((i * 97) % 256) - 100),
  },
  { name: 'words', shape: [7, 3], data: Float32Array.from({ length: 21 }, (_, i) => i % 6) },
]

/** A model of arrays whose weights are `numberOf` their places. */
function modelOf(section: object, numberOf: (i: number, id: string) => number): ModelToExport {
  const model = modelToExport(section, { loss: { type: 'huber', delta: 1 }, optimizer: 'sgd' })
  const weights = new Map(
    Array.from(model.weights, ([id, data]) => [id, data.map((_, i) => numberOf(i, id))]),
  )
  const { graph } = model
  const inputs = graph.inputs.map(({ name, shape }) => ({
    name,
    shape,
    features: [{ kind: 'array' as const, column: name, shape, scalings: [] }],
  }))
  const outputs = model.task.outputs.map(({ name, shape }) => ({
    kind: 'numbers' as const,
    name,
    shape,
    columns: [],
    scalings: [],
  }))
  return { ...model, weights, preprocessing: { ...model.preprocessing, inputs, outputs } }
}

function written(model: ModelToExport, rows: readonly NamedArray[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnlab-c-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const made = c.writeInt8?.(model, rows, (what) => expect.unreachable(what))
  for (const [name, text] of made && 'folder' in made ? made.folder : [])
    writeFileSync(join(folder, name), text)
  return folder
}

describe.skipIf(compilers.length === 0)('C in int8 (needs gcc or clang)', () => {
  it.each(compilers)(
    'is exact for whole numbers that bytes hold, compiled by %s without a warning',
    async (compiler) => {
      const model = modelOf(MODEL, (i, id) => (id.startsWith('gru') ? 0.1 : 127) * (((i * 7) % 3) - 1))
      const inputs = ROWS.map(({ shape, data }) => ({ shape: [...shape], data: [...data] }))
      const wanted = await predictionsOf(model, inputs)
      const path = written(model, ROWS)
      const answer = await networkWith(compiler, { path, inputs: ROWS, names: MODEL.outputs })
      expect(answer).not.toHaveProperty('failed')
      const found = 'outputs' in answer ? answer.outputs : []
      for (const [n, name] of MODEL.outputs.entries()) {
        const apart = wanted[n]?.map((x, i) => Math.abs(x - Number(found[n]?.[i]))) ?? [NaN]
        expect([name, Math.max(...apart)]).toEqual([name, name === 'gru' ? expect.closeTo(0, 2) : 0])
      }
    },
  )

  it('looks up the rows of a table', async () => {
    const layers = [{ type: 'embedding', input_dim: 6, output_dim: 4 }]
    const model = modelOf({ input: [3], layers }, (i) => i)
    const rows = [{ name: 'input', shape: [2, 3], data: Float32Array.of(5, 0, 1, 2, 3, 4) }]
    const answer = await networkWith(compilers[0] ?? '', {
      path: written(model, rows),
      inputs: rows,
      names: ['embedding'],
    })
    const wanted = [5, 0, 1, 2, 3, 4].flatMap((row) => [0, 1, 2, 3].map((i) => 4 * row + i))
    const [found = []] = 'outputs' in answer ? answer.outputs : []
    expect(Array.from(found, Number).map(Math.round)).toEqual(wanted)
  })

  it('takes numbers beyond those of the calibration for the nearest ones', async () => {
    const model = modelOf({ input: [1], layers: [{ type: 'dense', units: 1, use_bias: false }] }, () => 1)
    const given = (numbers: readonly number[]): NamedArray[] => [
      { name: 'input', shape: [numbers.length, 1], data: Float32Array.from(numbers) },
    ]
    const path = written(model, given([-128, 127]))
    const answer = await networkWith(compilers[0] ?? '', {
      path,
      inputs: given([-1e9, -3.4, 3.6, 1e30]),
      names: ['dense'],
    })
    const [found = []] = 'outputs' in answer ? answer.outputs : []
    expect(Array.from(found, Number)).toEqual([-128, -3, 4, 127])
  })
})
