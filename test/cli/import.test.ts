import { spawnSync } from 'node:child_process'
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const SAVED = fileURLToPath(new URL('../golden/keras-model.keras', import.meta.url))
const env = { NNLAB_PYTHON: '/nowhere/python' }

it('nnlab import writes a config and a model that other commands take', async () => {
  const cwd = await folderOf({ 'rows.jsonl': `${JSON.stringify({ input: Array(5).fill([0, 0, 0, 0]) })}\n` })
  await copyFile(SAVED, join(cwd, 'saved.keras'))
  const { code, stdout } = await nnlab(['import', 'saved.keras', '--json'], { cwd, env })
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { layers: 6, config: join(cwd, 'saved.yaml') }])
  const predicted = await nnlab(['predict', 'saved-model', 'rows.jsonl', '--quiet'], { cwd })
  expect([predicted.code, predicted.stdout.split('\n').length]).toEqual([0, 3])
  const exported = await nnlab(['export', 'saved-model', '-o', 'again.keras', '--quiet'], { cwd, env })
  expect(exported.code).toBe(0)
})

it.skipIf(spawnSync('cc', ['--version']).status !== 0)(
  'a model that was imported is compared on random rows (needs cc)',
  async () => {
    const cwd = await folderOf()
    await nnlab(['import', SAVED, '-o', 'saved.yaml'], { cwd, env })
    const { code, stdout } = await nnlab(['export', 'saved-model', '-o', 'c', '--format', 'c', '--check'], {
      cwd,
    })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/compared with C \(.*\) on 16 rows: /)])
  },
)

it('nnlab import ends with 7 under --check where nothing is there to compare with', async () => {
  const { code } = await nnlab(['import', SAVED, '-o', 'x.yaml', '--check'], { cwd: await folderOf(), env })
  expect(code).toBe(7)
})

it('nnlab import writes nothing of a file that it cannot use', async () => {
  const cwd = await folderOf({ 'model.keras': 'no archive' })
  const { code, stderr } = await nnlab(['import', 'model.keras'], { cwd, env })
  expect([code, stderr]).toEqual([6, expect.stringContaining('name a .keras or .h5 file of Keras')])
  expect(await readdir(cwd)).toEqual(['model.keras'])
})

it.each([
  ['what is missing', 'gone.keras', 'there is no file gone.keras'],
  ['a file that it cannot read, whose config is there', 'model.tflite', 'is not a model that nnlab reads'],
  ['a run', 'run', 'a run of nnlab needs no import'],
])('nnlab import says what to do about %s', async (_, file, message) => {
  const cwd = await folderOf({ 'model.tflite': 'TFL3', 'model.yaml': '', 'run/run.json': '{}' })
  const { code, stderr } = await nnlab(['import', file], { cwd, env })
  expect([code, stderr]).toEqual([6, expect.stringContaining(message)])
})
