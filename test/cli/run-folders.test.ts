import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NUMERICS } from '../../src/run/versions.ts'
import { runs } from '../runs.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 2, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 2}
`

const old = fileURLToPath(new URL('../fixtures/runs-0.1.0/', import.meta.url))
const iris = fileURLToPath(new URL('../../configs/data/iris.csv', import.meta.url))

/** Every file below a folder with its content. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return Object.fromEntries(files.map((file, i) => [file, texts[i] ?? ''] as const))
}

/** Names that a run has itself, and others. */
const names = fc.constantFrom(
  ...[
    'config.yaml',
    'spec.json',
    'history.csv',
    'events.jsonl',
    'checkpoints/my.pt',
    'model/keep.h5',
    'notes.txt',
  ],
  ...['checkpoints/00001-000000/state.json', 'run.json.part-1', 'latest/x', 'run.lock.taking'],
)

/** Contents of run.json that no version of nnlab is known to write. */
const records = fc.constantFrom(
  undefined,
  '',
  '{"id": "cut o',
  '[]',
  '{"format": 2}',
  '{"id": "x", "state": "paused"}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
)

describe('train --run-dir', () => {
  it('leaves every folder that is neither new, nor empty, nor a run as it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(names, fc.constantFrom('', 'mine\n', '{}'), { minKeys: 1 }),
        records,
        fc.boolean(),
        async (files, record, update) => {
          const kept = { ...files, ...(record !== undefined && { 'run.json': record }) }
          const cwd = await folderOf({
            'nnlab.yaml': CONFIG,
            ...Object.fromEntries(Object.entries(kept).map(([name, text]) => [`there/${name}`, text])),
          })
          const before = await contents(cwd)
          const argv = ['train', '--run-dir', 'there', '--quiet', ...(update ? ['--update'] : [])]
          const { code, stderr } = await nnlab(argv, { cwd })
          expect(stderr).toMatch(/^error: .*there/)
          expect(code).toBe(6)
          expect(await contents(cwd)).toEqual(before)
        },
      ),
      { numRuns: runs(30) },
    )
  })

  it('takes new and empty folders, and neither an empty name nor a file', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, file: 'mine' })
    await mkdir(join(cwd, 'empty'))
    expect((await nnlab(['train', '--run-dir', 'empty', '--quiet'], { cwd })).code).toBe(0)
    expect((await nnlab(['train', '--run-dir', 'a/b', '--quiet'], { cwd })).code).toBe(0)
    expect((await nnlab(['train', '--run-dir', 'file', '--quiet'], { cwd })).code).toBe(6)
    expect((await nnlab(['train', '--run-dir', '', '--quiet'], { cwd })).code).toBe(2)
    expect(await readFile(join(cwd, 'file'), 'utf8')).toBe('mine')
  })

  it('ends where no folder can be made', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    expect((await nnlab(['train', '--run-dir', '/proc/nope', '--quiet'], { cwd })).code).toBe(6)
  })

  it('leaves what is named latest and is no link', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'runs/xor/latest/mine.txt': 'mine' })
    expect((await nnlab(['train', '--quiet'], { cwd })).code).toBe(0)
    expect(await readFile(join(cwd, 'runs/xor/latest/mine.txt'), 'utf8')).toBe('mine')
  })
})

describe('a run of 0.1.0', () => {
  it.each(['completed', 'interrupted'])('is listed, evaluated and predicted with: %s', async (name) => {
    const cwd = await folderOf()
    await cp(join(old, name), join(cwd, 'run'), { recursive: true })
    const listed = await nnlab(['runs', '.'], { cwd })
    expect(listed.stdout).toContain(name)
    const evaluated = await nnlab(['evaluate', 'run', '--data', iris, '--json'], { cwd })
    expect(evaluated.stderr).toBe('model of run\n')
    expect(evaluated.stdout).toMatch(/"rows":150/)
    const predicted = await nnlab(['predict', 'run', iris], { cwd })
    expect(predicted.stdout.trimEnd().split('\n')).toHaveLength(151)
  })

  it.each(['completed', 'interrupted', 'killed', 'diverged'])(
    'is not resumed to other bits: %s',
    async (name) => {
      const cwd = await folderOf()
      await cp(join(old, name), join(cwd, 'run'), { recursive: true })
      const before = await contents(cwd)
      const { code, stderr } = await nnlab(['train', '--resume', 'run'], { cwd })
      expect(stderr).toContain(`numerics 0, this one has ${NUMERICS}`)
      expect(code).toBe(6)
      expect(await contents(cwd)).toEqual(before)
    },
  )

  it('of a newer format is not touched', async () => {
    const cwd = await folderOf()
    await cp(join(old, 'completed'), join(cwd, 'run'), { recursive: true })
    const file = join(cwd, 'run/run.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('{', '{"format": 2,'))
    const before = await contents(cwd)
    const { code, stderr } = await nnlab(['train', '--resume', 'run'], { cwd })
    expect(stderr).toMatch(/newer nnlab/)
    expect(code).toBe(6)
    expect(await contents(cwd)).toEqual(before)
  })
})

describe('a model.json', () => {
  it('that is nested too deeply is refused', async () => {
    const cwd = await folderOf({ 'model.json': `${'['.repeat(200_000)}${']'.repeat(200_000)}` })
    const { code, stderr } = await nnlab(['evaluate', 'model.json'], { cwd })
    expect(stderr).toMatch(/model\.json/)
    expect(code).toBe(6)
  })
})
