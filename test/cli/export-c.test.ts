import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { inC } from '../../src/exchange/c/compiler.ts'
import type { RawRow } from '../../src/runtime/raw-rows.ts'
import { visitors } from '../exchange/visitors.ts'
import { folderOf, nnlab } from './support.ts'

const hasCompiler = spawnSync('cc', ['--version']).status === 0

const CONFIG = {
  name: 'visits',
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
    split: { test: 0.3 },
  },
  model: {
    layers: [
      { type: 'dense', units: 6, activation: 'gelu' },
      { type: 'dense', units: 1, activation: 'sigmoid' },
    ],
  },
  compile: { loss: 'binary_crossentropy', optimizer: 'adam' },
  fit: { batch_size: 16, epochs: 3 },
}

function lines(rows: readonly RawRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

const Records = z.array(
  z.looseObject({ prediction: z.string(), probabilities: z.record(z.string(), z.number()) }),
)

it.skipIf(!hasCompiler)(
  'C predicts 1,000 raw rows, with missing and unseen values, as nnlab predict does (needs cc)',
  { timeout: 60_000 },
  async () => {
    const cwd = await folderOf({
      'rows.jsonl': lines(visitors(200, 0)),
      'nnlab.yaml': JSON.stringify(CONFIG),
    })
    await nnlab(['train', '--quiet'], { cwd })
    const exported = await nnlab(['export', 'nnlab.yaml', '--format', 'c', '-o', 'out', '--check'], { cwd })
    expect(exported.stdout).toMatch(/compared with C \(cc [\d.]+\) on 60 rows: .* 60 of 60 labels alike/)
    expect(exported.code).toBe(0)

    const rows = visitors(1000, 1)
    await writeFile(join(cwd, 'new.jsonl'), lines(rows))
    const command = ['predict', 'nnlab.yaml', 'new.jsonl', '--json', '--digits', 'full']
    const { stdout } = await nnlab(command, { cwd })
    const wanted = Records.parse(JSON.parse(stdout))
    const shape = [rows.length, 1]
    const numbers = (name: string): Float64Array =>
      Float64Array.from(rows, (row) => (row[name] === null ? NaN : Number(row[name])))
    const strings = (name: string): string[] => rows.map((row) => String(row[name]))
    const answer = await inC({
      path: join(cwd, 'out'),
      inputs: [
        { name: 'age', shape, data: numbers('age') },
        { name: 'member', shape, data: numbers('member') },
        { name: 'city', shape, data: strings('city') },
        { name: 'joined', shape, data: strings('joined') },
      ],
      names: ['prediction', 'probabilities'],
    })
    expect(answer).not.toHaveProperty('failed')
    const [labels, shares = []] = 'outputs' in answer ? answer.outputs : []
    expect(labels).toEqual(wanted.map(({ prediction }) => prediction))
    const own = wanted.flatMap(({ probabilities }) => Object.values(probabilities))
    expect(Math.max(...own.map((share, i) => Math.abs(share - Number(shares[i]))))).toBeLessThan(1e-6)
  },
)
