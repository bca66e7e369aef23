import { spawn, spawnSync } from 'node:child_process'
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { loadKoffi } from '../../src/engine/koffi.ts'
import { binary } from './process.ts'

const LAUNCHER = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none']

/** The reason why these tests cannot run here. */
const missing =
  loadKoffi() === undefined
    ? 'koffi is not installed'
    : /Open MPI/.test(spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout ?? '')
      ? undefined
      : 'there is no mpirun of Open MPI'

const CONFIG = `
name: team
data:
  type: inline
  inputs: ${JSON.stringify(Array.from({ length: 50 }, (_, i) => [i % 7, i % 5, i % 3]))}
  targets: ${JSON.stringify(Array.from({ length: 50 }, (_, i) => i % 2))}
  split: {validation: 0.2}
model:
  layers:
    - {type: dense, units: 8, activation: relu}
    - batch_normalization
    - {type: dropout, rate: 0.2}
    - {type: dense, units: 1, activation: sigmoid}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 12, epochs: 4, parts: 6, threads: 1}
`

let cwd = ''
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-mpi-'))
  await writeFile(join(cwd, 'team.yaml'), CONFIG)
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function train(ranks: number, args: readonly string[]): Promise<Ended> {
  const argv = [...LAUNCHER, '-n', String(ranks), process.execPath, binary, 'train', ...args]
  const child = spawn('mpirun', argv, { cwd })
  const heard = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (heard.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (heard.stderr += chunk.toString()))
  return new Promise((done) => child.on('close', (code) => done({ code, ...heard })))
}

async function weightsOf(folder: string): Promise<unknown> {
  const record: unknown = JSON.parse(await readFile(join(cwd, folder, 'run.json'), 'utf8'))
  return record instanceof Object && 'weights_sha256' in record ? record.weights_sha256 : undefined
}

if (missing !== undefined) console.warn(`skipped: trainings on several ranks of MPI, since ${missing}`)

describe.skipIf(missing !== undefined)('mpirun nnlab train', () => {
  it('trains to the bits of one process, and resumes on another number of ranks', async () => {
    const alone = await train(1, ['team.yaml', '--run-dir', 'alone', '--quiet'])
    expect(alone.code, alone.stderr).toBe(0)
    const three = await train(3, ['team.yaml', '--run-dir', 'three', '--set', 'fit.epochs=2', '--json'])
    expect(three.code, three.stderr).toBe(0)
    expect(JSON.parse(three.stdout)).toMatchObject({ epochs: 2 })
    // Rank 0 alone shows its progress.
    expect(three.stderr.match(/epoch 2\/2/g)).toHaveLength(1)
    const two = await train(2, ['team.yaml', '--resume', 'three', '--quiet'])
    expect(two.code, two.stderr).toBe(0)
    expect(await weightsOf('three')).toBe(await weightsOf('alone'))
  })

  it('is refused where there are more ranks than parts, with the line to write', async () => {
    const { code, stderr } = await train(2, ['team.yaml', '--set', 'fit.parts=1'])
    expect(code).toBe(3)
    expect(stderr).toContain('2 ranks share the parts of each batch, and fit.parts is 1')
    expect(stderr).toContain('write `parts: 2`')
  })
})
