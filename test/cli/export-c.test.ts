import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { compiledWith } from '../../src/exchange/c/compiler.ts'
import type { RawRow } from '../../src/runtime/raw-rows.ts'
import { visitors } from '../exchange/visitors.ts'
import { folderOf, nnlab } from './support.ts'

const hasCompiler = spawnSync('cc', ['--version']).status === 0

const compilers = ['gcc', 'clang'].filter((name) => spawnSync(name, ['--version']).status === 0)
/** Options that stop a program at a wrong access to memory, where the compiler has what they need. */
function sanitizersOf(compiler: string): string[] {
  const options = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  const probe = [...options, '-x', 'c', '-', '-o', '/dev/null']
  const { status } = spawnSync(compiler, probe, { input: 'int main(void) { return 0; }' })
  return status === 0 ? options : []
}

const VISITS = {
  data: {
    missing: { fill: 'median', indicator: true },
    features: {
      columns: ['age', 'city', 'member', 'joined'],
      scale: 'standard',
      transforms: { joined: { type: 'date', parts: ['month', 'weekday', 'year'] } },
    },
  },
  layers: [{ type: 'dense', units: 6, activation: 'gelu' }],
}

const WORDS = { type: 'tokens', standardize: 'lower_and_strip_punctuation', output_sequence_length: 4 }

/** Reads texts in small letters, word by word, from the end. */
const TEXTS = {
  data: {
    missing: { fill: 'median' },
    features: { columns: ['text'], transforms: { text: { ...WORDS, padding: 'pre', truncating: 'pre' } } },
  },
  layers: [{ type: 'embedding', input_dim: 'vocabulary', output_dim: 4 }, 'flatten'],
}

const LETTERS = {
  data: {
    missing: { fill: 'median' },
    features: {
      columns: ['text'],
      transforms: {
        text: { ...WORDS, standardize: 'lower', split: 'character', output_sequence_length: 12 },
      },
    },
  },
  layers: [
    { type: 'embedding', input_dim: 'vocabulary', output_dim: 4 },
    { type: 'gru', units: 3 },
  ],
}

const IDS = {
  data: {
    missing: { fill: 'median' },
    features: {
      columns: ['ids'],
      transforms: { ids: { type: 'sequence', output_sequence_length: 5, padding: 'pre' } },
    },
  },
  layers: [{ type: 'embedding', input_dim: 12, output_dim: 4 }, 'flatten'],
}

const STEPS = {
  data: {
    ...VISITS.data,
    split: { time: 'joined', test: 0.3 },
    window: { steps: 3, sampling_rate: 2, horizon: 1 },
  },
  layers: [{ type: 'gru', units: 5 }],
}

function configOf({
  data,
  layers,
}: {
  readonly data: object
  readonly layers: readonly (string | object)[]
}): string {
  return JSON.stringify({
    name: 'visits',
    data: { type: 'jsonl', path: 'rows.jsonl', target: 'label', split: { test: 0.3 }, ...data },
    model: { layers: [...layers, { type: 'dense', units: 1, activation: 'sigmoid' }] },
    compile: { loss: 'binary_crossentropy', optimizer: 'adam' },
    fit: { batch_size: 16, epochs: 3 },
  })
}

const TEXT = [
  'Ä rose, is.',
  'ROSE İs 中文!',
  '  \u00a0',
  'a-b c\u3000d',
  '',
  'ÜBER\tuns 🙂 ä',
  'K K\u212a İ',
  'Longerthananyword is a rose',
  'NA',
]
const LISTS = ['3 1 2', '[4, 5,6]', '', '7 8 9 10 11 1 2', '0', ' 3.0;2. ']

/** Visitors with texts and lists of ids; new ones have words and ids that training rows lack. */
function visits(count: number, seed: number): RawRow[] {
  return visitors(count, seed).map((row, i) => ({
    ...row,
    text: `${TEXT[(i + seed) % TEXT.length]}${seed === 0 ? '' : ` ${TEXT[i % 7]} new${i}`}`,
    ids: LISTS[i % LISTS.length],
  }))
}

function lines(rows: readonly RawRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

const Records = z.array(
  z.looseObject({ prediction: z.string(), probabilities: z.record(z.string(), z.number()) }),
)

it.skipIf(!hasCompiler).each([
  ['1,000 raw rows of numbers, categories and dates', VISITS, 1000, compilers.slice(0, 1)],
  ['200 raw rows of words', TEXTS, 200, compilers.slice(0, 1)],
  ['200 raw rows of letters', LETTERS, 200, compilers.slice(-1)],
  ['200 raw rows of ids', IDS, 200, compilers],
])(
  'C predicts %s, with missing and unseen values, as nnlab predict does (needs cc)',
  { timeout: 120_000 },
  async (_, config, count, compiledBy) => {
    const cwd = await folderOf({ 'rows.jsonl': lines(visits(200, 0)), 'nnlab.yaml': configOf(config) })
    await nnlab(['train', '--quiet'], { cwd })
    const exported = await nnlab(['export', 'nnlab.yaml', '--format', 'c', '-o', 'out', '--check'], { cwd })
    expect(exported.stdout).toMatch(/compared with C \(cc [\d.]+\) on 60 rows: .* 60 of 60 labels alike/)
    expect(exported.code).toBe(0)

    const rows = visits(count, 1)
    await writeFile(join(cwd, 'new.jsonl'), lines(rows))
    const command = ['predict', 'nnlab.yaml', 'new.jsonl', '--json', '--digits', 'full']
    const { stdout } = await nnlab(command, { cwd })
    const wanted = Records.parse(JSON.parse(stdout))
    const shape = [rows.length, 1]
    const numbers = (name: string): Float64Array =>
      Float64Array.from(rows, (row) => (row[name] === null ? NaN : Number(row[name])))
    const strings = (name: string): string[] => rows.map((row) => String(row[name]))
    const columns = [
      ...['age', 'member'].map((name) => ({ name, shape, data: numbers(name) })),
      ...['city', 'joined', 'text', 'ids'].map((name) => ({ name, shape, data: strings(name) })),
    ]
    const inputs = columns.filter(({ name }) => config.data.features.columns.includes(name))
    const request = { path: join(cwd, 'out'), inputs, names: ['prediction', 'probabilities'] }
    for (const answer of await Promise.all(
      compiledBy.map((one) => compiledWith(one, request, sanitizersOf(one))),
    )) {
      expect(answer).not.toHaveProperty('failed')
      const [labels, shares = []] = 'outputs' in answer ? answer.outputs : []
      expect(labels).toEqual(wanted.map(({ prediction }) => prediction))
      const own = wanted.flatMap(({ probabilities }) => Object.values(probabilities))
      expect(Math.max(...own.map((share, i) => Math.abs(share - Number(shares[i]))))).toBeLessThan(1e-6)
    }
  },
)

it.skipIf(!hasCompiler)('C refuses an id that the embedding has no vector for (needs cc)', async () => {
  const cwd = await folderOf({ 'rows.jsonl': lines(visits(200, 0)), 'nnlab.yaml': configOf(IDS) })
  await nnlab(['train', '--quiet'], { cwd })
  await nnlab(['export', 'nnlab.yaml', '--format', 'c', '-o', 'out'], { cwd })
  const answerTo = (ids: string): Promise<unknown> =>
    compiledWith('cc', {
      path: join(cwd, 'out'),
      inputs: [{ name: 'ids', shape: [1, 1], data: [ids] }],
      names: ['prediction'],
    })
  expect(await answerTo('1 11')).toMatchObject({ outputs: [{ length: 1 }] })
  for (const ids of ['1 12', '1 x', '1.5', '-1', '1.0x'])
    expect(await answerTo(ids)).toEqual({ failed: 'error: column 1 of row 1 is refused' })
})

it.skipIf(!hasCompiler)('C predicts what follows windows of a series as nnlab does (needs cc)', async () => {
  const cwd = await folderOf({ 'rows.jsonl': lines(visits(200, 0)), 'nnlab.yaml': configOf(STEPS) })
  await nnlab(['train', '--quiet'], { cwd })
  const { code, stdout } = await nnlab(['export', 'nnlab.yaml', '--format', 'c', '--check'], { cwd })
  expect(stdout).toMatch(/compared with C .* on 55 rows: .* 55 of 55 labels alike/)
  expect(code).toBe(0)
})
