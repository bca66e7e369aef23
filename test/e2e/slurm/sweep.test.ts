import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'

import { lack, startCluster, until } from './cluster.ts'
import type { Cluster } from './cluster.ts'

const TRIALS = 12
const CONFIG = `
name: digits
data: {type: csv, path: digits.csv, target: digit, features: {scale: {divide: 16}}, split: {validation: 0.2}}
model: {input: [64], layers: [{type: dense, units: 16, activation: relu}, {type: dense, units: 10, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: ${process.env['NNLAB_SLURM_EPOCHS'] ?? 4000}, arithmetic: mul_add}
sweep:
  method: random
  run_cap: ${TRIALS}
  metric: {name: val_accuracy}
  parameters:
    compile.optimizer.learning_rate: {min: 1e-4, max: 0.1, distribution: log_uniform_values}
    model.layers[0].units: {min: 4, max: 24}
`
const lacking = lack()

test.skipIf(lacking !== undefined)(
  `a sweep on Slurm is complete although tasks are cancelled, requeued, killed and out of time${lacking === undefined ? '' : ` (${lacking})`}`,
  async () => {
    const wanted = await sweepIn(process.env, [])
    expect(wanted.code).toBe(0)
    const cluster = await startCluster(4)
    const disturbed: string[] = []
    const limits = 'time=60,signal=B:USR1@20'
    const found = await sweepIn(
      cluster.env,
      ['--on', 'slurm', '--jobs', String(TRIALS), '--slurm', limits],
      async (sweep) => void disturbed.push(...(await disturb(cluster, sweep))),
    )
    expect(found.stderr).toContain('has 12 tasks')
    expect(disturbed).toHaveLength(5)
    expect(found.code).toBe(0)
    expect(found.turns).toEqual(wanted.turns)
    expect(found.table).toEqual(wanted.table)
  },
  1_800_000,
)

test.skipIf(lacking !== undefined)(
  `folds on Slurm are complete although a task is cancelled${lacking === undefined ? '' : ` (${lacking})`}`,
  async () => {
    const cv = ['cv', '--folds', '4', '--set', 'fit.epochs=600']
    const wanted = await endedIn(cv, process.env)
    const cluster = await startCluster(2)
    const limits = ['--on', 'slurm', '--slurm', 'time=60']
    const found = await endedIn([...cv, ...limits], cluster.env, async () => {
      const running = async (): Promise<string[]> =>
        cluster.call('squeue', '--noheader', '--states', 'RUNNING', '--format', '%i')
      await until(async () => (await running()).length > 0, 300)
      await cluster.call('scancel', (await running())[0] ?? '')
    })
    expect(found.stderr).toContain('has 4 tasks')
    expect({ code: found.code, table: found.table }).toEqual({ code: 0, table: wanted.table })
  },
  1_800_000,
)

/** Cancels two tasks, requeues one, kills the worker of one, and lets one run out of time; resolves to these tasks. */
async function disturb({ call }: Cluster, sweep: string): Promise<string[]> {
  const done: string[] = []
  /** A task that trains and was left alone so far, and its worker, which stands still: fast ones would end before the rest. */
  const next = async (): Promise<{ readonly task: string; readonly worker: number }> => {
    let found: { readonly task: string; readonly worker: number } | undefined
    await until(async () => {
      found = await stopOne(sweep, done)
      return found !== undefined
    }, 300)
    if (found === undefined) throw new Error('no task trains')
    done.push(found.task)
    return found
  }
  // Slurm wakes what it ends.
  await call('scancel', (await next()).task)
  await call('scancel', (await next()).task)
  await call('scontrol', 'requeue', (await next()).task)
  process.kill((await next()).worker, 'SIGKILL')
  const late = await next()
  await call('scontrol', 'update', `JobId=${late.task}`, 'TimeLimit=1')
  // Its limit is a minute after its start, and it is told 20 s before.
  await setTimeout(45_000)
  process.kill(late.worker, 'SIGCONT')
  const restarts = async (): Promise<number> => {
    const [job = ''] = await call('scontrol', 'show', 'job', '--oneliner', late.task)
    return Number(/ Restarts=(\d+)/.exec(job)?.[1])
  }
  await until(async () => (await restarts()) > 0, 300)
  return done
}

/** Stops a worker whose task is none of some. */
async function stopOne(
  sweep: string,
  others: readonly string[],
): Promise<{ readonly task: string; readonly worker: number } | undefined> {
  for (const worker of await workersOf(sweep)) {
    const task = await taskOf(worker)
    if (task === undefined || others.includes(task)) continue
    process.kill(worker, 'SIGSTOP')
    if ((await workersOf(sweep)).includes(worker)) return { task, worker }
    process.kill(worker, 'SIGCONT')
  }
  return undefined
}

/** The task of Slurm that a process belongs to, undefined where it has ended. */
async function taskOf(pid: number): Promise<string | undefined> {
  const variables = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  const [job, task] = ['JOB', 'TASK'].map(
    (name) => new RegExp(`SLURM_ARRAY_${name}_ID=(\\d+)`).exec(variables)?.[1],
  )
  return task === undefined ? undefined : `${job}_${task}`
}

/** The numbers of the processes that work on turns. */
async function workersOf(sweep: string): Promise<number[]> {
  const Owner = z.object({ pid: z.number() })
  const names = (await readdir(join(sweep, 'turns'))).filter((name) => name.endsWith('.lock'))
  return Promise.all(
    names.map(async (name) => {
      const lock = await readFile(join(sweep, 'turns', name), 'utf8')
      return Owner.parse(JSON.parse(lock)).pid
    }),
  )
}

type Finished = {
  readonly cwd: string
  readonly code: number | null
  readonly stderr: string
  readonly table: unknown
}

/** Runs the sweep in a folder of its own; acts when its tasks are in the queue. */
async function sweepIn(
  env: NodeJS.ProcessEnv,
  argv: readonly string[],
  act?: (sweep: string) => Promise<void>,
): Promise<Finished & { readonly turns: readonly string[] }> {
  const sweep = 'runs/digits/sweep-001'
  const ended = await endedIn(['sweep', ...argv], env, (cwd) => act?.(join(cwd, sweep)) ?? Promise.resolve())
  const folder = join(ended.cwd, sweep, 'turns')
  const turns = (await readdir(folder)).filter((name) => /^\d+\.json$/.test(name))
  return {
    ...ended,
    turns: await Promise.all(turns.toSorted().map((name) => readFile(join(folder, name), 'utf8'))),
  }
}

/** Runs a command in a folder of its own; acts there when its tasks are in the queue. */
async function endedIn(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  act?: (cwd: string) => Promise<void>,
): Promise<Finished> {
  const cwd = await mkdtemp(join(tmpdir(), 'nnlab-slurm-sweep-'))
  // Tasks of the cluster may still be about to end.
  onTestFinished(() => rm(cwd, { recursive: true, force: true, maxRetries: 20 }))
  await cp('configs/data/digits.csv', join(cwd, 'digits.csv'))
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  const child = spawn(process.execPath, [resolve('bin/nnlab.js'), ...argv, '--json'], { cwd, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  if (act && argv.includes('--on')) {
    await until(() => Promise.resolve(stderr.includes('of Slurm')), 300)
    await act(cwd)
  }
  return { cwd, code: await code, stderr, table: stdout === '' ? undefined : JSON.parse(stdout) }
}
