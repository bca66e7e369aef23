import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { loadModel } from '../../src/core/predict-package.ts'
import { nnlab } from './support.ts'

const CONFIG = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 2, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 2}
`

let made = ''
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'nnlab-pipes-'))
  await writeFile(join(made, 'nnlab.yaml'), CONFIG)
  expect((await nnlab(['train', '--run-dir', 'run', '--quiet'], { cwd: made })).code).toBe(0)
  const exported = ['export', 'run', '--format', 'tfjs', '-o', 'web', '--quiet']
  expect((await nnlab(exported, { cwd: made, env: { NNLAB_PYTHON: '/nowhere' } })).code).toBe(0)
})
afterAll(() => rm(made, { recursive: true }))

it.each(['train', 'validate', 'data', 'cv', 'lr-find', 'sweep'])(
  '%s reads no config from standard input, and takes no other in its place',
  async (command) => {
    expect(await nnlab([command, '-'], { cwd: made })).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('a config is read from a file, not from standard input') as unknown,
    })
  },
)

it.each([
  ['diff', '-', 'run'],
  ['summary', '-'],
  ['evaluate', '-'],
  ['predict', '-'],
  ['report', '-'],
  ['verify', '-'],
  ['import', '-'],
  ['explain', '-'],
  ['board', '-'],
  ['init', '-'],
])('%s takes %s for a name', async (...argv) => {
  const { code, stdout, stderr } = await nnlab(argv, { cwd: made })
  expect({ isRefused: [2, 6].includes(code), stdout }).toEqual({ isRefused: true, stdout: '' })
  expect(stderr).toMatch(/(^| |"|\/)-("| |\n)|standard output/)
})

it.each([
  ['predict', 'run', 'rows.csv'],
  ['summary', 'run'],
  ['lr-find', '--quiet', '--format', 'json', '--steps', '40'],
  ['report', 'run', '--quiet', '--format', 'md'],
])('%s -o - writes to standard output', async (...argv) => {
  await writeFile(join(made, 'rows.csv'), 'input_1,input_2\n0,1\n')
  const { code, stdout } = await nnlab([...argv, '-o', '-'], { cwd: made })
  expect(code).toBe(0)
  expect(stdout.length).toBeGreaterThan(20)
  expect(existsSync(join(made, '-'))).toBe(false)
})

it('--set data.path=- reads rows from standard input', async () => {
  const config =
    'data: {type: csv, target: y}\nmodel: {layers: [{type: dense, units: 1}]}\ncompile: {loss: mse}\n'
  await writeFile(join(made, 'rows.yaml'), config)
  const argv = ['train', 'rows.yaml', '--set', 'data.path=-', '--json', '--quiet']
  expect(await nnlab(argv, { cwd: made, stdin: 'x,y\n1,2\n2,4\n' })).toMatchObject({ code: 0 })
})

/** Puts what never ends in the place of a file of a copy of the run, and returns the folder of the copy. */
async function copyWith(kind: 'pipe' | 'zeros', name: string): Promise<string> {
  const cwd = await mkdtemp(join(made, 'try-'))
  for (const folder of ['run', 'web', 'nnlab.yaml'])
    await cp(join(made, folder), join(cwd, folder), { recursive: true })
  const file = join(cwd, name)
  await rm(file)
  if (kind === 'pipe') spawnSync('mkfifo', [file])
  else await symlink('/dev/zero', file)
  return cwd
}

const NAMES = ['run.json', 'spec.json', 'config.yaml', 'history.csv', 'events.jsonl', 'model/model.json']
const FILES = [...NAMES, 'model/weights.bin', 'checkpoints/00002-000000/state.json'].map(
  (name) => `run/${name}`,
)

it.skipIf(process.platform === 'win32').each(['pipe', 'zeros'] as const)(
  'no command waits for the end of a %s in the place of a file',
  { timeout: 120_000 },
  async (kind) => {
    for (const file of FILES) {
      const cwd = await copyWith(kind, file)
      for (const argv of [
        ['evaluate', 'run'],
        ['report', 'run', '-o', '-'],
        ['runs'],
        ['verify', 'run'],
        ['train', '--fork', 'run', '--set', 'fit.epochs=4', '--quiet'],
        ['train', '--resume', 'run', '--set', 'fit.epochs=4', '--quiet'],
      ]) {
        const { code, stderr } = await nnlab(argv, { cwd })
        expect([argv, file, code, stderr]).toEqual([
          argv,
          file,
          expect.toSatisfy((one: number) => [0, 3, 4, 6].includes(one)),
          expect.not.stringMatching(/bug|\n {4}at /),
        ])
      }
    }
    for (const file of ['web/model.json', 'web/weights.bin']) {
      const cwd = await copyWith(kind, file)
      const { code, stderr } = await nnlab(['import', 'web', '-o', 'imported.yaml'], { cwd })
      expect([code, stderr]).toEqual([6, expect.stringContaining('error: ')])
    }
    for (const name of ['model.json', 'weights.bin', 'forward.wasm', 'forward.mul_add.wasm']) {
      const cwd = await copyWith(kind, `run/model/${name}`)
      const said = await loadModel(join(cwd, 'run/model')).then(() => 'opened', String)
      expect([name, said]).toEqual([
        name,
        expect.stringMatching(/^opened$|is a pipe or a device|there is no model/),
      ])
    }
  },
)
