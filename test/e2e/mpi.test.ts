import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'

import { loadKoffi } from '../../src/engine/koffi.ts'
import { nnlab } from '../cli/nnlab.ts'
import { binary } from './process.ts'

type Launcher = {
  readonly library: string
  readonly program: string
  readonly options: readonly string[]
  /** The variable of the environment that numbers the ranks. */
  readonly rank: string
  /** What its --version says. */
  readonly version: RegExp
}

const openMpi = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none']
const LAUNCHERS: readonly Launcher[] = [
  {
    library: 'Open MPI',
    program: 'mpirun',
    options: openMpi,
    rank: 'OMPI_COMM_WORLD_RANK',
    version: /Open MPI/,
  },
  { library: 'MPICH', program: 'mpirun.mpich', options: [], rank: 'PMI_RANK', version: /HYDRA/ },
]

/** The reason why the tests of a launcher cannot run here. */
function lackOf({ program, version }: Launcher): string | undefined {
  if (loadKoffi() === undefined) return 'koffi is not installed'
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return version.test(stdout ?? '') ? undefined : `there is no ${program}`
}

const ROWS = Array.from({ length: 50 }, (_, i) => `${i % 7},${i % 5},${i % 3},${i % 2}\n`)
const CONFIG = `
name: team
data: {type: csv, path: rows.csv, target: y, split: {validation: 0.2, test: 0.3}}
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
  await writeFile(join(cwd, 'rows.csv'), `a,b,c,y\n${ROWS.join('')}`)
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function startWith(
  { program, options }: Launcher,
  ranks: number,
  args: readonly string[],
): { pid: number; ended: Promise<Ended> } {
  const argv = [...options, '-n', String(ranks), process.execPath, binary, 'train', ...args]
  const child = spawn(program, argv, { cwd })
  const heard = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (heard.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (heard.stderr += chunk.toString()))
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, ...heard })))
  return { pid: child.pid ?? NaN, ended }
}

/** The processes that a process has started, and those that these have. */
async function descendantsOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const pids = (children.match(/\d+/g) ?? []).map(Number)
  return [...pids, ...(await Promise.all(pids.map(descendantsOf))).flat()]
}

/** The process with a variable of the environment that a launcher has started, once the run has a checkpoint. */
async function processOf(variable: string, launcher: number, folder: string): Promise<number> {
  for (;;) {
    await sleep(20)
    const saved = await readdir(join(cwd, folder, 'checkpoints')).catch(() => [])
    if (saved.length === 0) continue
    for (const pid of await descendantsOf(launcher)) {
      const variables = (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0')
      if (variables.includes(variable)) return pid
    }
  }
}

/** The weights of a run, and the metrics of its validation and test rows. */
async function resultOf(folder: string): Promise<unknown> {
  const record: unknown = JSON.parse(await readFile(join(cwd, folder, 'run.json'), 'utf8'))
  return Result.parse(record)
}
const Metrics = z.record(z.string(), z.number())
const Result = z.object({ weights_sha256: z.string(), metrics: Metrics, test: Metrics })

describe.each(LAUNCHERS)('nnlab train under mpirun of $library', (launcher) => {
  const lack = lackOf(launcher)
  if (lack !== undefined)
    console.warn(`skipped: trainings on several ranks of ${launcher.library}, since ${lack}`)
  const it = test.skipIf(lack !== undefined)
  const start = (ranks: number, args: readonly string[]) => startWith(launcher, ranks, args)
  const train = (ranks: number, args: readonly string[]): Promise<Ended> => start(ranks, args).ended

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
    expect(await resultOf('three')).toEqual(await resultOf('alone'))
  })

  it('ends when a rank is killed, names the last checkpoint, and goes on from it on another number of ranks', async () => {
    const longer = ['--set', 'fit.epochs=200', '--set', 'checkpoint.every=20 steps']
    const alone = await nnlab(['train', 'team.yaml', '--run-dir', 'alone', '--quiet', ...longer], { cwd })
    expect(alone.code, alone.stderr).toBe(0)
    const killed = start(2, ['team.yaml', '--run-dir', 'killed', '--quiet', ...longer])
    process.kill(await processOf(`${launcher.rank}=1`, killed.pid, 'killed'), 'SIGKILL')
    const { code, stderr } = await killed.ended
    expect(code).not.toBe(0)
    // Rank 0 of MPICH is killed before it can say anything.
    if (launcher.library === 'Open MPI') {
      expect(stderr).toMatch(/another rank .* no longer answers; the last checkpoint is from after epoch \d+/)
      expect(stderr).toContain('resume with: nnlab train --resume killed')
    }
    const rest = await train(1, ['--resume', 'killed', '--quiet'])
    expect(rest.code, rest.stderr).toBe(0)
    expect(await resultOf('killed')).toEqual(await resultOf('alone'))
  })

  it('says where the numbers were lost, as one process does', async () => {
    const diverges = ['--set', 'compile.optimizer={type: sgd, learning_rate: 1e38}']
    const { code, stderr } = await train(2, ['team.yaml', '--run-dir', 'diverged', '--quiet', ...diverges])
    expect(code, stderr).toBe(5)
    expect(stderr).toMatch(/it starts in /)
  })

  it('shares data.memory out among the ranks of a machine', async () => {
    // Windows of a series need all rows in memory: these take more than 7 KB of data.memory, and less than 9 KB.
    const series = `data: {type: csv, path: rows.csv, target: a, memory: 12 KB, window: {steps: 2, horizon: 1}, split: {shuffle: false}}
model: {layers: [flatten, {type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: sgd}
fit: {batch_size: 12, epochs: 1, parts: 2, threads: 1}
`
    await writeFile(join(cwd, 'series.yaml'), series)
    const alone = await nnlab(['train', 'series.yaml', '--run-dir', 'alone', '--quiet'], { cwd })
    expect(alone.code, alone.stderr).toBe(0)
    const { code, stderr } = await train(2, ['series.yaml', '--run-dir', 'two', '--quiet'])
    expect(code).not.toBe(0)
    expect(stderr).toContain('windows need their rows in memory')
  })

  it('is refused where there are more ranks than parts, with the line to write', async () => {
    const { code, stderr } = await train(2, ['team.yaml', '--set', 'fit.parts=1'])
    expect(code).toBe(3)
    expect(stderr).toContain('2 ranks share the parts of each batch, and fit.parts is 1')
    expect(stderr).toContain('write `parts: 2`')
  })
})
