import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { loadModel } from '../../src/core/predict-package.ts'
import { predict } from '../../src/core/predict.ts'
import { DataError, NnlabError, RunError } from '../../src/errors.ts'
import { loadModelWith } from '../../src/runtime/load-model.ts'
import type { PredictedRow, RawRow } from '../../src/runtime/index.ts'
import { folderOf, nnlab } from '../cli/support.ts'
import { visitors } from '../exchange/visitors.ts'
import { idxFile } from '../table/formats/idx-file.ts'

type Example = {
  readonly data: object
  readonly layers: readonly (string | object)[]
  readonly loss: string
  readonly files?: Readonly<Record<string, Uint8Array>>
}

const MIXED: Example = {
  data: {
    type: 'jsonl',
    path: 'rows.jsonl',
    target: 'label',
    missing: { fill: 'median', indicator: true },
    features: {
      columns: ['age', 'city', 'member', 'joined'],
      scale: 'standard',
      transforms: { joined: { type: 'date', parts: ['month', 'weekday', 'year'] } },
    },
  },
  layers: [
    { type: 'dense', units: 6, activation: 'gelu' },
    { type: 'dense', units: 1, activation: 'sigmoid' },
  ],
  loss: 'binary_crossentropy',
}

const WORDS: Example = {
  data: {
    type: 'jsonl',
    path: 'rows.jsonl',
    target: 'label',
    features: { columns: ['tags'], transforms: { tags: { type: 'tokens', output_sequence_length: 4 } } },
  },
  layers: [
    { type: 'embedding', input_dim: 'vocabulary', output_dim: 4 },
    { type: 'gru', units: 5 },
    { type: 'dense', units: 2, activation: 'softmax' },
  ],
  loss: 'sparse_categorical_crossentropy',
}

/** Of the visitors with each tag, by date, the ages of the next two but one. */
const SERIES: Example = {
  data: {
    type: 'jsonl',
    path: 'rows.jsonl',
    target: 'age',
    missing: { fill: 'median' },
    features: {
      columns: ['age', 'city', 'joined'],
      scale: 'standard',
      transforms: { joined: { type: 'date', parts: ['month', 'weekday'] } },
    },
    window: { steps: 3, sampling_rate: 2, horizon: 2, target_steps: 2, series: 'tags' },
    split: { time: 'joined', test: 0.1 },
  },
  layers: [
    { type: 'gru', units: 4 },
    { type: 'dense', units: 2 },
  ],
  loss: 'mean_squared_error',
}

/** Visitors whose age is known. */
function aged(rows: readonly RawRow[]): RawRow[] {
  return rows.map((row) => ({ ...row, age: row['age'] ?? 30 }))
}

function lines(rows: readonly RawRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

/** The folder of a trained run, `run`. */
async function trained({ data, layers, loss, files = {} }: Example, rows = visitors(80, 0)): Promise<string> {
  const config = {
    name: 'net',
    data,
    model: { layers },
    compile: { loss, optimizer: 'adam' },
    fit: { batch_size: 16, epochs: 2 },
  }
  const cwd = await folderOf({ 'rows.jsonl': lines(rows), 'nnlab.yaml': JSON.stringify(config) })
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(cwd, name), bytes)
  expect(await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

const Records = z.array(z.looseObject({ prediction: z.unknown() }))

/** The predictions of the command for the rows of a file. */
async function commandPredicts(cwd: string, file: string): Promise<object[]> {
  const { stdout, stderr } = await nnlab(['predict', 'run', file, '--json', '--digits', 'full'], { cwd })
  expect(stdout, stderr).not.toBe('')
  return Records.parse(JSON.parse(stdout)).map(({ run: _run, target: _target, ...record }) => record)
}

function withoutOutputs(rows: readonly PredictedRow[]): object[] {
  return rows.map(({ outputs: _, ...row }) => row)
}

describe('nnlab/predict', () => {
  it.each([
    ['numbers, categories, dates, missing and unseen values', MIXED],
    ['words', WORDS],
    ['the end of each series', SERIES],
  ])('predicts of %s what the command predicts, to the bit', async (_, example) => {
    const cwd = await trained(example, aged(visitors(200, 0)))
    const rows = visitors(300, 1)
    await writeFile(join(cwd, 'new.jsonl'), lines(rows))
    const model = await loadModel(join(cwd, 'run'))
    expect(withoutOutputs(model.predict(rows))).toEqual(await commandPredicts(cwd, 'new.jsonl'))
  })

  it('predicts of the bytes of images what the command predicts, to the bit', async () => {
    const [count, size] = [40, 36]
    const pixels = Uint8Array.from({ length: count * size }, (_, i) => (i * 31 + (i % 7) * 13) % 256)
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 3)
    const cwd = await trained({
      data: {
        type: 'idx',
        images: 'images.idx',
        labels: 'labels.idx',
        features: { scale: { divide: 255 } },
      },
      layers: ['flatten', { type: 'dense', units: 3, activation: 'softmax' }],
      loss: 'sparse_categorical_crossentropy',
      files: { 'images.idx': idxFile([count, 6, 6], pixels), 'labels.idx': idxFile([count], labels) },
    })
    const model = await loadModel(join(cwd, 'run/model'))
    const [{ name, kind } = { name: '', kind: 'number' }] = model.columns
    expect(kind).toBe('array')
    const rows = Array.from({ length: count }, (_, i) => ({
      [name]: pixels.subarray(i * size, (i + 1) * size),
    }))
    expect(withoutOutputs(model.predict(rows))).toEqual(await commandPredicts(cwd, 'images.idx'))
  })

  it('predicts what follows the rows of a series, whatever is missing before its last window', async () => {
    const cwd = await trained(
      { ...SERIES, data: { ...SERIES.data, missing: 'drop' } },
      aged(visitors(200, 0)),
    )
    const model = await loadModel(join(cwd, 'run'))
    expect(model.span).toBe(5)
    const rows = Array.from({ length: 6 }, (_, i) => ({
      age: 20 + i,
      city: 'Rome',
      tags: 'red',
      joined: `2012-01-0${1 + i}`,
    }))
    const [first, ...others] = rows
    const wanted = [expect.objectContaining({ row: 6, prediction: [expect.any(Number), expect.any(Number)] })]
    expect(model.predict([{ ...first, age: null }, ...others])).toEqual(wanted)
    expect(() => model.predict(rows.map((row) => ({ ...row, age: null })))).toThrow(
      'row 2: column "age" has no value',
    )
    expect(() => model.predict(others.slice(1))).toThrow(
      'the model needs the last 5 rows of a series, but there are 4 of "red"',
    )
    expect(() => model.predict([{ ...first, joined: 'May' }])).toThrow(
      '"May" in column "joined" is not a time',
    )
  })

  it('tells which row, column and value it cannot take', async () => {
    const model = await loadModel(join(await trained(MIXED), 'run/model/model.json'))
    const [row = {}] = visitors(1, 1)
    expect(() => model.predict([row, { ...row, age: 'old' }])).toThrow(
      'row 2: "old" in column "age" is not a finite number',
    )
    expect(() => model.predict([{ ...row, age: Infinity }])).toThrow(
      'row 1: "Infinity" in column "age" is not a finite number',
    )
    expect(() => model.predict([{ ...row, joined: 'May' }])).toThrow(
      'row 1: "May" in column "joined" is not a date',
    )
    const { city, ...others } = row
    expect(() => model.predict([{ ...others, citty: city }])).toThrow(
      'the column "city" is missing, which the model was trained on; the rows have age,',
    )
    expect(model.predict([])).toEqual([])
  })

  it('refuses what is no list of rows, as `predict` does', async () => {
    const cwd = await trained(MIXED)
    const model = await loadModel(join(cwd, 'run'))
    const [row = {}] = visitors(1, 1)
    const gap: unknown[] = [row]
    gap.length = 2
    for (const [rows, message] of [
      [[null], 'row 1: '],
      [[row, 5], 'row 2: '],
      [[row, 'a'], 'row 2: '],
      [[[1, 2]], 'row 1: a list is not an object of values by column'],
      [gap, 'row 2: undefined is not an object of values by column'],
      [row, 'a list of objects'],
      [undefined, 'a list of objects'],
      [null, 'a list of objects'],
    ] as const) {
      for (const given of [
        () => void Reflect.apply(model.predict, model, [rows]),
        () => void Reflect.apply(model.predictArrays, model, [rows]),
      ]) {
        expect(given).toThrow(message)
        expect(given).toThrow(NnlabError)
      }
      const answer = Promise.resolve(Reflect.apply(predict, undefined, [{ model: 'run', rows, cwd }]))
      await expect(answer).rejects.toThrow(message)
      await expect(answer).rejects.toBeInstanceOf(NnlabError)
    }
    expect(await predict({ model: 'run', rows: [], cwd })).toEqual([])
  })

  it('takes values of programs that JSON lacks as `predict` does', async () => {
    const cwd = await trained(MIXED)
    const model = await loadModel(join(cwd, 'run'))
    const [row = {}] = visitors(1, 1)
    const both = async (changed: RawRow): Promise<unknown[]> =>
      Promise.all(
        [
          () => withoutOutputs(model.predict([changed])),
          () => predict({ model: 'run', rows: [changed], cwd }),
        ].map(async (run) => {
          try {
            const [{ prediction, probabilities } = {}] = z
              .array(z.object({ prediction: z.unknown(), probabilities: z.unknown() }))
              .parse(await run())
            return { prediction, probabilities }
          } catch (error) {
            if (!(error instanceof DataError)) throw error
            return /("\w+" in column "\w+" is not a [^,]+)|column "\w+" holds [^,]+/.exec(error.message)?.[0]
          }
        }),
      )
    const joined = new Date(Date.UTC(2024, 4, 31))
    for (const [values, same] of [
      [{ age: 30n }, { age: 30 }],
      [{ joined }, { joined: '2024-05-31' }],
      [{ joined: new Date(NaN) }, { joined: null }],
      [{ age: -Infinity }, { age: '-Infinity' }],
      [{ age: NaN }, { age: null }],
      [{ age: [30] }, { age: 30 }],
      [{ age: [[30]] }, { age: 30 }],
      [{ age: Float64Array.of(30) }, { age: 30 }],
    ]) {
      const [ours, theirs] = await both({ ...row, ...values })
      expect(ours).toEqual(theirs)
      expect(ours).toEqual((await both({ ...row, ...same }))[0])
    }
    for (const age of [Symbol('a'), () => 5, [1, 2], new Float32Array(2)])
      expect(() => model.predict([{ ...row, age }])).toThrow(
        /^row 1: column "age" holds a \w+, but the model takes a number/,
      )
    for (const age of [Symbol('a'), () => 5])
      await expect(predict({ model: 'run', rows: [row, { ...row, age }], cwd })).rejects.toThrow(
        /^row 2: column "age" holds a (symbol|function)/,
      )
  })

  it('takes the bytes of images from programs as lists of numbers', async () => {
    const data = { type: 'jsonl', path: 'rows.jsonl', target: 'kind' }
    const pixels = (i: number): number[] => [0, 1, 2, 3].map((k) => (i * 7 + k * 13) % 256)
    const rows = Array.from({ length: 20 }, (_, i) => ({ image: pixels(i), kind: i % 2 }))
    const layers = [{ type: 'dense', units: 1, activation: 'sigmoid' }]
    const cwd = await trained({ data, layers, loss: 'binary_crossentropy' }, rows)
    const whole = rows.map(({ image }) => ({ image }))
    const expected = await predict({ model: 'run', rows: whole, cwd })
    for (const bytes of [Uint8Array, Float64Array, Buffer]) {
      const given = whole.map(({ image }) => ({ image: bytes.from(image) }))
      expect(await predict({ model: 'run', rows: given, cwd })).toEqual(expected)
      const model = await loadModel(join(cwd, 'run'))
      expect(withoutOutputs(model.predict(given))).toEqual(expected)
    }
  })

  it('refuses a threshold that is no probability, and one that no output has a use for', async () => {
    const [row = {}] = visitors(1, 1)
    const model = await loadModel(join(await trained(MIXED), 'run'))
    for (const threshold of [-0.1, 1.5, NaN])
      expect(() => model.predict([row], { threshold })).toThrow(
        `threshold: expected a probability from 0 to 1, got ${threshold}`,
      )
    const words = await loadModel(join(await trained(WORDS), 'run'))
    expect(() => words.predict([row], { threshold: 0.3 })).toThrow(
      'threshold: the model has no output of one unit that is a probability',
    )
  })

  it.each(['model.json', 'weights.bin', 'forward.wasm', 'forward.mul_add.wasm'])(
    'refuses a model whose %s is damaged, whichever file is read last',
    async (name) => {
      const cwd = await trained(WORDS)
      const file = join(cwd, 'run/model', name)
      const bytes = await readFile(file)
      const at = bytes.length - 12
      bytes[at] = (bytes[at] ?? 0) ^ 1
      await writeFile(file, bytes)
      for (const late of ['weights.bin', 'forward.wasm']) {
        const read = async (place: string): Promise<Uint8Array<ArrayBuffer>> => {
          if (place.endsWith(late)) await sleep(20)
          return Uint8Array.from(await readFile(place))
        }
        await expect(loadModelWith(read, join(cwd, 'run'))).rejects.toThrow(RunError)
      }
    },
  )

  it('names a way out for a model without a compiled forward pass, and for a folder without a model', async () => {
    const older = loadModel('test/fixtures/runs-0.1.0/completed')
    await expect(older).rejects.toThrow('has no compiled forward pass that this version can run')
    await expect(loadModel('nowhere')).rejects.toThrow(/there is no model in .*nowhere/)
  })

  it('is less than 60 kB in a page, compressed', async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/runtime/index.ts'],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    })
    const [file] = outputFiles
    expect(gzipSync(file?.contents ?? '').length).toBeLessThan(60_000)
  })
})
