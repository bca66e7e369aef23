import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

import { expect, onTestFinished, test } from 'vitest'

import { loadKoffi } from '../../../src/engine/koffi.ts'
import { binary } from '../process.ts'
import { lack, startCluster } from './cluster.ts'

const run = promisify(execFile)

const rows = Array.from({ length: 50 }, (_, i) => i)
const CONFIG = `
name: team
data: {type: inline, inputs: ${JSON.stringify(rows.map((i) => [i % 7, i % 5, i % 3]))}, targets: ${JSON.stringify(rows.map((i) => i % 2))}}
model: {layers: [{type: dense, units: 8, activation: relu}, batch_normalization, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {batch_size: 12, epochs: 4, parts: 6, threads: 1}
`
/** Windows need their rows in memory, where one process has room for these and each of two has not. */
const SERIES = `
name: series
data: {type: csv, path: rows.csv, target: a, memory: 12 KB, window: {steps: 2, horizon: 1}, split: {shuffle: false}}
model: {layers: [flatten, {type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: sgd}
fit: {batch_size: 12, epochs: 1, parts: 2, threads: 1}
`
/** The ways in which srun starts ranks, with the library that each is for. */
const LIBRARIES = new Map([
  ['pmix', 'libmpi.so.40'],
  ['pmi2', 'libmpich.so.12'],
])
const kinds = [...LIBRARIES].flatMap(([kind, library]) => (isThere(library) ? [kind] : []))
const lacking =
  lack() ?? (kinds.length === 0 ? `it needs ${[...LIBRARIES.values()].join(' or ')}, and koffi` : undefined)

function isThere(library: string): boolean {
  try {
    return loadKoffi()?.load(library) !== undefined
  } catch {
    return false
  }
}

test.skipIf(lacking !== undefined)(
  `srun trains on ranks to the bits of one process, and they share data.memory${lacking === undefined ? '' : ` (${lacking})`}`,
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'nnlab-slurm-ranks-'))
    onTestFinished(() => rm(cwd, { recursive: true, force: true }))
    await writeFile(join(cwd, 'team.yaml'), CONFIG)
    await writeFile(join(cwd, 'series.yaml'), SERIES)
    await writeFile(
      join(cwd, 'rows.csv'),
      `a,b,c,y\n${rows.map((i) => `${i % 7},${i % 5},${i % 3},${i % 2}\n`).join('')}`,
    )
    const cluster = await startCluster(2)
    const { stdout, stderr } = await run('srun', ['--mpi=list'], { env: cluster.env })
    const known = kinds.filter((kind) => new RegExp(`\\b${kind}\\b`).test(stdout + stderr))
    expect(known).not.toEqual([])
    const train = async (
      folder: string,
      launcher: readonly string[],
      config = 'team.yaml',
    ): Promise<unknown> => {
      const [program = '', ...argv] = [...launcher, process.execPath, binary, 'train', config]
      const { stdout: told } = await run(program, [...argv, '--run-dir', folder, '--json'], {
        cwd,
        env: cluster.env,
      })
      expect(told.match(/"steps":/g), told).toHaveLength(1)
      const record: unknown = JSON.parse(await readFile(join(cwd, folder, 'run.json'), 'utf8'))
      return record instanceof Object && 'weights_sha256' in record ? record.weights_sha256 : undefined
    }
    const alone = await train('alone', [])
    await train('series', [], 'series.yaml')
    for (const kind of known) {
      const launcher = ['srun', `--mpi=${kind}`, '-n', '2']
      expect(await train(kind, launcher), kind).toBe(alone)
      const refused = train(`${kind}-series`, launcher, 'series.yaml')
      await expect(refused, kind).rejects.toThrow('windows need their rows in memory')
    }
  },
  300_000,
)
