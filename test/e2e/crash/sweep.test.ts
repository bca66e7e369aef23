import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { nnlab } from '../../cli/nnlab.ts'
import { buildChild } from './build-child.ts'

/** How often each sweep is killed; NNLAB_SWEEP_KILLS=20 is the long run. */
const KILLS = Number(process.env['NNLAB_SWEEP_KILLS'] ?? 2)
const WORKERS = KILLS > 2 ? [1, 2, 4] : [2]
const LONGEST_PAUSE_MS = 6

const CONFIG = `
name: digits
data: {type: csv, path: digits.csv, target: digit, features: {scale: {divide: 16}}, split: {validation: 0.2}}
model: {input: [64], layers: [{type: dense, units: 16, activation: relu}, {type: dense, units: 10, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 4}
checkpoint: {every: 20 steps}
`
const PARAMETERS = `
  metric: {name: val_accuracy}
  run_cap: ${process.env['NNLAB_SWEEP_TRIALS'] ?? 6}
  parameters:
    compile.optimizer.learning_rate: {min: 1e-4, max: 0.1, distribution: log_uniform_values}
    model.layers[0].units: {min: 15, max: 16}
`
const sweeps: Readonly<Record<string, string>> = {
  random: 'sweep:\n  method: random',
  tpe: 'sweep:\n  method: {type: tpe, startup_trials: 4}',
  'tpe with asha':
    'sweep:\n  method: {type: tpe, startup_trials: 4}\n  early_terminate: {type: asha, eta: 2}',
}

let child: string[] = []
let folder = ''
beforeAll(async () => {
  child = await buildChild('sweep')
  folder = await mkdtemp(join(tmpdir(), 'nnlab-sweep-crash-'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('trials whose workers are killed again and again', () => {
  // Side by side, since most of the time they wait for slow files.
  it.concurrent.each([...Object.keys(sweeps), 'folds'])(
    'ends as if nothing had happened: %s',
    async (name) => {
      const wanted = await whole(name)
      for (const workers of WORKERS) expect(await killed(name, KILLS, workers)).toEqual(wanted)
    },
    WORKERS.length * KILLS * 60_000 + 60_000,
  )
})

/** A folder with the config of a sweep, or of folds; its command line, and the group that this writes. */
async function prepared(name: string, place: string) {
  const cwd = join(folder, `${name.replaceAll(' ', '-')}-${place}`)
  await cp('configs/data/digits.csv', join(cwd, 'digits.csv'))
  const section = sweeps[name]
  const config = section === undefined ? CONFIG : `${CONFIG}${section}${PARAMETERS}`
  await writeFile(join(cwd, 'nnlab.yaml'), config)
  const argv = section === undefined ? ['cv', '--folds', '4'] : ['sweep']
  return { cwd, argv: [...argv, '--quiet'], group: join(cwd, `runs/digits/${argv[0]}-001`) }
}

const resultsIn = (name: string, group: string): string[] => (name in sweeps ? turnsIn(group) : runsIn(group))

/** The results of a sweep, or of folds, one after the other in this process. */
async function whole(name: string): Promise<string[]> {
  const { cwd, argv, group } = await prepared(name, 'whole')
  expect(await nnlab([...argv, '-j', '1'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  return resultsIn(name, group)
}

/** The results of a sweep, or of folds, some of whose processes were killed at random moments. */
async function killed(name: string, kills: number, workers: number): Promise<string[]> {
  const { cwd, argv, group } = await prepared(name, String(workers))
  const command = argv[0] ?? ''
  for (let left = kills; ; left--) {
    const isBegun = existsSync(join(group, `${command}.json`))
    if (!isBegun) await rm(join(cwd, 'runs'), { recursive: true, force: true })
    const resumed = [command, '--resume', group, '--quiet']
    const other = name in sweeps ? ['sweep', 'worker', group, '--quiet'] : [...resumed, '-j', '1']
    const others = isBegun && workers > 1 ? [other] : []
    const all = [[...(isBegun ? resumed : argv), '-j', String(workers)], ...others]
    const codes = await Promise.all(all.map((one) => ended(one, cwd, left > 0)))
    if (codes[0] === 0) return resultsIn(name, group)
    expect(codes.filter((code) => code !== 'killed' && code !== 0)).toEqual([])
    expect(left).toBeGreaterThan(0)
  }
}

/** The weights and the metrics of all trials. */
function runsIn(group: string): string[] {
  const Run = z.object({ weights_sha256: z.string(), metrics: z.record(z.string(), z.number()) })
  const names = readdirSync(join(group, 'trials')).filter((name) => !name.includes('.lock'))
  return names.toSorted().map((name) => {
    const record: unknown = JSON.parse(readFileSync(join(group, 'trials', name, 'run.json'), 'utf8'))
    return JSON.stringify(Run.parse(record))
  })
}

function turnsIn(sweep: string): string[] {
  const names = readdirSync(join(sweep, 'turns')).filter((one) => /^\d+\.json$/.test(one))
  return names.toSorted().map((one) => readFileSync(join(sweep, 'turns', one), 'utf8'))
}

/**
 * Runs nnlab in a process of its own, which is killed at a random moment once there are runs, however slow the machine
 * is, unless it has ended before; resolves to its exit code.
 */
function ended(argv: readonly string[], cwd: string, kill: boolean): Promise<number | 'killed' | null> {
  return new Promise((resolve, reject) => {
    const pause = kill ? LONGEST_PAUSE_MS : 0
    const started = spawn(process.execPath, [...child, String(pause), ...argv], { cwd, stdio: 'ignore' })
    let timer: NodeJS.Timeout | undefined
    const watch = setInterval(() => {
      if (timer === undefined && kill && existsSync(join(cwd, 'runs')))
        timer = setTimeout(() => started.kill('SIGKILL'), Math.random() * 3000)
    }, 10)
    started.on('error', reject)
    started.on('close', (code, signal) => {
      clearTimeout(timer)
      clearInterval(watch)
      resolve(signal === 'SIGKILL' ? 'killed' : code)
    })
  })
}
