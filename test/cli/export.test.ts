import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { exportCommand } from '../../src/cli/commands/export.ts'
import { formats } from '../../src/exchange/index.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 2, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 2, batch_size: 4}
`

/** A program in the place of Python, which answers every request alike. */
async function pythonThatAnswers(answer: string): Promise<NodeJS.ProcessEnv> {
  const path = join(await folderOf(), 'python')
  await writeFile(path, `#!/bin/sh\ncat > /dev/null\n${answer}\n`)
  await chmod(path, 0o755)
  return { NNLAB_PYTHON: path }
}

const NO_PYTHON = { NNLAB_PYTHON: '/nowhere/python' }

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  await nnlab(['train', '--quiet'], { cwd })
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

describe('nnlab export', () => {
  it('offers every format', () => {
    expect(exportCommand.options['format']).toMatchObject({ choices: formats.map(({ type }) => type) })
  })

  it('writes the file that is named, the same bytes each time, and says that nothing was there to compare with', async () => {
    const first = await nnlab(['export', '--output', 'a.keras'], { cwd, env: NO_PYTHON })
    expect(first).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^wrote a\.keras \([\d.]+ KB\)\nnot compared: no Python here has Keras: tried \/nowhere\/python\n$/,
      ),
      stderr: 'model of runs/xor/001\n',
    })
    await nnlab(['export', '--format', 'keras'], { cwd, env: NO_PYTHON })
    expect(await readFile(join(cwd, 'xor.keras'))).toEqual(await readFile(join(cwd, 'a.keras')))
  })

  it('writes the folder of a format that is one, and again over itself', async () => {
    for (let time = 0; time < 2; time++) {
      const { code } = await nnlab(['export', '--format', 'safetensors'], { cwd, env: NO_PYTHON })
      expect(code).toBe(0)
    }
    expect((await readdir(join(cwd, 'xor-safetensors'))).sort()).toEqual(['config.json', 'model.safetensors'])
  })

  it('touches no folder that holds anything else', async () => {
    await mkdir(join(cwd, 'own'))
    await writeFile(join(cwd, 'own', 'notes.txt'), 'mine')
    const { code, stderr } = await nnlab(['export', '--format', 'tfjs', '--output', 'own'], { cwd })
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('notes.txt is in the way; nothing was changed'),
    ])
    expect(await readdir(join(cwd, 'own'))).toEqual(['notes.txt'])
  })

  it('ends with 7 under --check where nothing is there to compare with', async () => {
    const { code } = await nnlab(['export', '-o', 'a.onnx', '--check'], { cwd, env: NO_PYTHON })
    expect(code).toBe(7)
  })

  it.each([
    ['fails', `echo '{"failed": "ValueError: no"}'`, 'failed: ValueError: no\n'],
    ['answers nothing', 'echo Killed >&2', 'failed: Killed\n'],
    [
      'predicts something else',
      `echo '{"version": "1.0", "outputs": ["AADAfwAAwH8AAMB/AADAfw=="]}'`,
      expect.stringMatching(/^differs from Keras 1\.0 on 4 rows: largest difference Infinity/),
    ],
  ])('ends with 7 where the other program %s', async (_title, answer, line) => {
    const env = await pythonThatAnswers(answer)
    const { code, stdout } = await nnlab(['export', '-o', 'a.keras'], { cwd, env })
    expect([code, stdout.slice(stdout.indexOf('\n') + 1)]).toEqual([7, line])
  })

  it('writes nothing where the format lacks something, and names every layer', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG.replaceAll('tanh', 'sparsemax') })
    await nnlab(['train', '--quiet'], { cwd })
    const { code, stderr } = await nnlab(['export', '-o', 'a.keras'], { cwd, env: NO_PYTHON })
    expect([code, stderr]).toEqual([
      6,
      expect.stringContaining('  layer dense: activation: activation sparsemax'),
    ])
    expect(await readdir(cwd)).not.toContain('a.keras')
  })

  it('says that the rows of the run are gone', async () => {
    const rows = 'x,y\n0,0\n1,1\n2,2\n'
    const config = CONFIG.replace(/data: .*/, 'data: {type: csv, path: rows.csv, target: y}').replace(
      '[2]',
      '[1]',
    )
    const cwd = await folderOf({
      'nnlab.yaml': config.replace('binary_crossentropy', 'huber'),
      'rows.csv': rows,
    })
    await nnlab(['train', '--quiet'], { cwd })
    await rm(join(cwd, 'rows.csv'))
    const { code, stdout } = await nnlab(['export', '-o', 'a.onnx'], { cwd, env: NO_PYTHON })
    expect([code, stdout]).toEqual([0, expect.stringContaining('not compared: its rows cannot be read: ')])
  })

  it('asks for a format', async () => {
    const { code, stderr } = await nnlab(['export'], { cwd: await folderOf() })
    expect([code, stderr]).toEqual([2, expect.stringContaining('no format is given')])
  })
})
