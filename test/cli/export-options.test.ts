import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { findPython, pythonPackages } from '../../bench/peers/available.ts'
import { ask } from '../../src/core/check-export.ts'
import { formats } from '../../src/exchange/index.ts'
import { required } from '../../src/step/step-program.ts'
import { chromiumPath } from './chromium-path.ts'
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
const packages = python === undefined ? new Set() : pythonPackages(python, ['onnxruntime', 'keras'])

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
  const sold = ({ size, grade }: Row, n: number): string =>
    size > 52 !== (grade === 'high') || n % 9 === 0 ? ';yes' : ';no'
  await writeFile(join(cwd, 'messy.csv'), `size;town;rooms;grade;built;sold\n${csv(TRAINED, sold)}`, 'latin1')
  await writeFile(join(cwd, 'new.csv'), `size;town;rooms;grade;built\n${csv(NEW, () => '')}`, 'latin1')
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  const undated = CONFIG.replace(
    '{scale: standard,',
    '{columns: [size, town, rooms, grade], scale: standard,',
  )
  await writeFile(
    join(cwd, 'undated.yaml'),
    undated.replace('name: messy', 'name: undated').replace(', built: {type: date}', ''),
  )
  for (const config of ['nnlab.yaml', 'undated.yaml']) await nnlab(['train', config, '--quiet'], { cwd })
}, 60_000)
afterAll(() => rm(cwd, { recursive: true, force: true }))

const Predicted = z.object({ prediction: z.string(), probabilities: z.record(z.string(), z.number()) })

describe('nnlab export --raw', () => {
  const programs = [
    ['onnx', 'ONNX Runtime', packages.has('onnxruntime'), 'nnlab.yaml'],
    ['c', 'cc', hasCompiler, 'nnlab.yaml'],
    ['web', 'Chromium', chromiumPath !== undefined, 'nnlab.yaml'],
    // Keras has no dates.
    ['keras', 'Keras', packages.has('keras'), 'undated.yaml'],
  ] as const
  for (const [type, program, isHere, config] of programs)
    it.skipIf(!isHere)(
      `predicts what nnlab predict does for 1,000 raw rows in ${type} (needs ${program})`,
      async () => {
        const format = required(new Map(formats.map((one) => [one.type, one])), type)
        const path = join(cwd, `out-${type}${format.ending ?? ''}`)
        // Python takes its time to load TensorFlow.
        const env = { NNLAB_PYTHON: type === 'keras' ? '/nowhere' : python }
        const exported = await nnlab(['export', config, '--format', type, '-o', path, '--raw'], { cwd, env })
        const alike = type === 'keras' ? 'not compared' : '27 of 27 labels alike'
        expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining(alike) })
        const { stdout } = await nnlab(['predict', config, 'new.csv', '--format', 'jsonl'], { cwd })
        const wanted = stdout
          .trim()
          .split('\n')
          .map((line) => Predicted.parse(JSON.parse(line)))
        const shape = [NEW.length, 1]
        // In objects, as in JSON, null is missing, and no word is.
        const strings = (['town', 'rooms', 'grade', 'built'] as const)
          .filter((name) => name !== 'built' || config === 'nnlab.yaml')
          .map((name) => ({
            name,
            shape,
            data: NEW.map((row) => (type === 'web' && row[name] === 'NA' ? '' : row[name])),
          }))
        const sizes = { name: 'size', shape, data: Float64Array.from(NEW, ({ size }) => size) }
        const request = { path, inputs: [sizes, ...strings], names: ['prediction', 'probabilities'] }
        const answer = await ask(format.check ?? expect.unreachable(), { python }, request)
        expect(answer).not.toHaveProperty('failed')
        const [labels, shares = []] = 'outputs' in answer ? answer.outputs : []
        expect(labels).toEqual(wanted.map(({ prediction }) => prediction))
        const own = wanted.flatMap(({ probabilities }) => Object.values(probabilities))
        expect(Math.max(...own.map((share, i) => Math.abs(share - Number(shares[i]))))).toBeLessThan(1e-6)
      },
      120_000,
    )

  const readers = [
    ['onnx', 'ONNX Runtime', packages.has('onnxruntime')],
    ['c', 'cc', hasCompiler],
  ] as const
  for (const [type, program, isHere] of readers)
    it.skipIf(!isHere)(
      `compares days as the file writes them, whatever stands between their numbers, in ${type} (needs ${program})`,
      async () => {
        const signs = ['^', ']', '\\', '-', '|', ' ']
        const patterns = signs.map((sign, i) => [`c${i}`, `d${sign}MM${sign}y`] as const)
        const rows = Array.from({ length: 40 }, (_, n) =>
          [...signs.map((sign) => [1 + (n % 28), 10 + (n % 3), 2001 + n].join(sign)), n % 2 ? 'a' : 'b'].join(
            ',',
          ),
        )
        const days = {
          name: 'days',
          data: {
            type: 'csv',
            path: 'days.csv',
            target: 'y',
            formats: Object.fromEntries(patterns),
            features: { transforms: Object.fromEntries(patterns.map(([name]) => [name, 'date'])) },
            split: { test: 0.3 },
          },
          model: { layers: [{ type: 'dense', units: 1, activation: 'sigmoid' }] },
          compile: { loss: 'binary_crossentropy', optimizer: 'sgd' },
          fit: { epochs: 1 },
        }
        const header = [...patterns.map(([name]) => name), 'y'].join(',')
        await writeFile(join(cwd, 'days.csv'), `${[header, ...rows].join('\n')}\n`)
        await writeFile(join(cwd, 'days.yaml'), JSON.stringify(days))
        await nnlab(['train', 'days.yaml', '--quiet'], { cwd })
        const exported = await nnlab(
          [
            'export',
            'days.yaml',
            '--format',
            type,
            '-o',
            `days-${type}${type === 'c' ? '' : '.onnx'}`,
            '--raw',
          ],
          { cwd, env: { NNLAB_PYTHON: python } },
        )
        expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('12 of 12 labels alike') })
      },
      60_000,
    )

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
    ['onnx', ['--quantize', 'int8', '--raw'], 'onnx takes raw rows or weights in int8, not both'],
  ])('refuses %s %j', async (format, more, message) => {
    const { code, stderr } = await nnlab(['export', '--format', format, ...more], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  it('names the formats that take raw rows', async () => {
    const { code, stderr } = await nnlab(['export', '--format', 'safetensors', '--raw'], { cwd })
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        'safetensors takes no raw rows\n  = leave out --raw, or export to c, keras, onnx, web',
      ),
    ])
  })
})
