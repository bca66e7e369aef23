import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { findPython, pythonPackages } from '../../bench/peers/available.ts'
import { onnx } from '../../src/exchange/onnx/index.ts'
import { runInPython } from '../../src/exchange/python.ts'
import { nnlab } from './support.ts'

const CONFIG = `name: messy
data:
  type: csv
  path: messy.csv
  target: sold
  delimiter: ';'
  encoding: latin1
  decimal: ','
  missing: mean
  formats: {built: d.M.yyyy}
  features: {scale: standard, one_hot: [town, rooms], transforms: {grade: {type: ordinal, unseen: other}, built: {type: date}}}
  split: {test: 0.3}
model: {layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: {type: adam, learning_rate: 0.1}}
fit: {epochs: 5, batch_size: 8}
`

type Row = {
  readonly size: number
  readonly town: string
  readonly rooms: string
  readonly grade: string
  readonly built: string
}

const pick = (values: readonly string[], n: number): string => values[n % values.length] ?? ''
const rowOf = (
  n: number,
  towns: readonly string[],
  rooms: readonly string[],
  grades: readonly string[],
): Row => ({
  size: n % 11 === 0 ? NaN : 40 + ((n * 37) % 101) / 4,
  town: pick(towns, n * 7),
  rooms: pick(rooms, n * 5 + (n >> 3)),
  grade: pick(grades, n * 3 + (n >> 2)),
  built: pick([`${1 + (n % 28)}.${1 + (n % 12)}.${1990 + (n % 40)}`, '2001-02-03', 'NA'], n % 5),
})
const csv = (rows: readonly Row[], more: (row: Row, n: number) => string): string =>
  rows
    .map((row, n) => {
      const size = Number.isNaN(row.size) ? '' : String(row.size).replace('.', ',')
      return `${size};${row.town};${row.rooms};${row.grade};${row.built}${more(row, n)}\n`
    })
    .join('')

const TRAINED = Array.from({ length: 90 }, (_, n) =>
  rowOf(n, ['München', 'Köln', '', 'Ulm'], ['1', '2', '3'], ['low', 'high', 'mid']),
)
const NEW = Array.from({ length: 1000 }, (_, n) =>
  rowOf(
    n,
    ['München', 'Köln', 'Paris', '', 'NA', 'köln'],
    ['1', '2.0', '3.00', '9', '', '03', '?'],
    ['low', 'high', 'mid', 'other'],
  ),
)

const hasCompiler = spawnSync('cc', ['--version']).status === 0
const python = findPython()
const hasRuntime = python !== undefined && pythonPackages(python, ['onnxruntime']).has('onnxruntime')

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
  const sold = ({ size, grade }: Row, n: number): string =>
    size > 52 !== (grade === 'high') || n % 9 === 0 ? ';yes' : ';no'
  await writeFile(join(cwd, 'messy.csv'), `size;town;rooms;grade;built;sold\n${csv(TRAINED, sold)}`, 'latin1')
  await writeFile(join(cwd, 'new.csv'), `size;town;rooms;grade;built\n${csv(NEW, () => '')}`, 'latin1')
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  await nnlab(['train', '--quiet'], { cwd })
}, 60_000)
afterAll(() => rm(cwd, { recursive: true, force: true }))

const Predicted = z.object({ prediction: z.string(), probabilities: z.record(z.string(), z.number()) })

describe('nnlab export --raw', () => {
  it.skipIf(!hasRuntime)('predicts what nnlab predict does for 1,000 raw rows in ONNX Runtime', async () => {
    const env = { NNLAB_PYTHON: python }
    const exported = await nnlab(['export', '-o', 'a.onnx', '--raw', '--check'], { cwd, env })
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringMatching(/27 of 27 labels alike\n$/) })
    const { stdout } = await nnlab(['predict', 'nnlab.yaml', 'new.csv', '--format', 'jsonl'], { cwd })
    const wanted = stdout
      .trim()
      .split('\n')
      .map((line) => Predicted.parse(JSON.parse(line)))
    const strings = (['town', 'rooms', 'grade', 'built'] as const).map((name) => ({
      name,
      shape: [NEW.length, 1],
      data: NEW.map((row) => row[name]),
    }))
    const sizes = { name: 'size', shape: [NEW.length, 1], data: Float64Array.from(NEW, ({ size }) => size) }
    const answer = await runInPython([python ?? ''], onnx.check, {
      path: join(cwd, 'a.onnx'),
      inputs: [sizes, ...strings],
      names: ['prediction', 'probabilities'],
    })
    const [labels, shares = []] = 'outputs' in answer ? answer.outputs : []
    expect(labels).toEqual(wanted.map(({ prediction }) => prediction))
    const own = wanted.flatMap(({ probabilities }) => Object.values(probabilities))
    expect(Math.max(...own.map((share, i) => Math.abs(share - Number(shares[i]))))).toBeLessThan(1e-6)
  })

  it('ends with 7 where labels differ', async () => {
    const path = join(cwd, 'python')
    const answer = JSON.stringify({ version: '1.0', outputs: [['no'], 'AAAAAA=='] })
    await writeFile(path, `#!/bin/sh\ncat > /dev/null\necho '${answer}'\n`)
    await chmod(path, 0o755)
    const env = { NNLAB_PYTHON: path }
    const { code, stdout } = await nnlab(['export', '-o', 'b.onnx', '--raw'], { cwd, env })
    expect([code, stdout]).toEqual([7, expect.stringMatching(/differs from .* of 27 labels alike\n$/)])
  })

  it('prints the metrics of a model in int8 beside those of its own', async () => {
    const path = join(cwd, 'python')
    const shares = Buffer.from(new Float32Array(27).fill(0.5).buffer).toString('base64')
    const answer = JSON.stringify({ version: '1.0', outputs: [shares] })
    await writeFile(path, `#!/bin/sh\ncat > /dev/null\necho '${answer}'\n`)
    await chmod(path, 0o755)
    const env = { NNLAB_PYTHON: path }
    const { code, stdout } = await nnlab(['export', '-o', 'c.tflite', '--quantize', 'int8'], { cwd, env })
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/LiteRT 1\.0 on 27 rows: .*\nfloat32 {2}loss 0\.\d+\nint8 {5}loss 0\.6931\n$/),
    ])
  })

  it.skipIf(!hasCompiler)('prints those of C in int8, whose rows are raw anyway (needs cc)', async () => {
    const command = ['export', '--format', 'c', '-o', 'c', '--raw', '--quantize', 'int8', '--check']
    const { code, stdout } = await nnlab(command, { cwd })
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /with C \(cc .*\) on 27 rows: .*\nfloat32 {2}loss (0\.\d)\d+\nint8 {5}loss \1\d+\n$/,
      ),
    ])
  })

  it.each([
    [
      'keras',
      ['--quantize', 'int8'],
      'keras takes no weights in int8\n  = leave out --quantize, or export to c, litert',
    ],
    ['onnx', ['--quantize', 'int8', '--raw'], '--raw and --quantize exclude each other'],
  ])('refuses %s %j', async (format, more, message) => {
    const { code, stderr } = await nnlab(['export', '--format', format, ...more], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  it('names the formats that take raw rows', async () => {
    const { code, stderr } = await nnlab(['export', '--format', 'safetensors', '--raw'], { cwd })
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        'safetensors takes no raw rows\n  = leave out --raw, or export to c, onnx, web',
      ),
    ])
  })
})
