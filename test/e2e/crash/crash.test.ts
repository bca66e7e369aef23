import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { nnlab } from '../../cli/nnlab.ts'
import { resultOf } from '../result.ts'
import { buildChild } from './build-child.ts'

/** How many processes are killed in all; NNLAB_KILLS=500 is the long run. */
const KILLS = Number(process.env['NNLAB_KILLS'] ?? 8)
const LONGEST_PAUSE_MS = 12

let child: string[] = []
let folder = ''
let env = {}

beforeAll(async () => {
  child = await buildChild('run')
  folder = await mkdtemp(join(tmpdir(), 'nnlab-crash-'))
  env = { NNLAB_TFJS_NODE: '', XDG_CACHE_HOME: join(folder, 'cache') }
  await cp('configs/data/digits.csv', join(folder, 'digits.csv'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The rows, with one more key of their section. */
const dataWith = (key: string): string =>
  `data: {type: csv, path: digits.csv, target: digit, features: {scale: {divide: 16}}, split: {validation: 0.2}, ${key}}`
const DATA = dataWith('')
const SOFTMAX = '{type: dense, units: 10, activation: softmax}'

const configs: Readonly<Record<string, string>> = {
  dropout: `
${DATA}
model: {input: [64], layers: [{type: dense, units: 24, activation: relu}, {type: dropout, rate: 0.3}, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 16}
checkpoint: {every: 1 epoch}`,
  'batch normalization, by steps': `
${DATA}
model: {input: [64], layers: [{type: dense, units: 16}, batch_normalization, {type: activation, activation: relu}, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: {type: sgd, learning_rate: 0.02, momentum: 0.9}, metrics: [accuracy]}
fit: {epochs: 12}
checkpoint: {every: 20 steps, keep: 2}`,
  'early stopping with restored weights': `
${DATA}
model: {input: [64], layers: [{type: dense, units: 32, activation: relu}, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.01}, metrics: [accuracy]}
fit:
  epochs: 200
  callbacks: [{type: early_stopping, patience: 6, restore_best_weights: true}]
checkpoint: {every: 2 epochs, keep: 1, best: 2}`,
  plateau: `
${DATA}
model: {input: [64], layers: [{type: dense, units: 20, activation: tanh}, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: {type: rmsprop, learning_rate: 0.01}, metrics: [accuracy]}
fit:
  epochs: 24
  callbacks: [{type: reduce_lr_on_plateau, patience: 1, factor: 0.5, min_delta: 0.01, cooldown: 1}]
checkpoint: {every: 0.1 s, save: best}`,
  'mid-epoch, averaged weights and a schedule': `
${DATA}
model: {input: [64], layers: [{type: dense, units: 16, activation: gelu}, {type: gaussian_noise, stddev: 0.1}, ${SOFTMAX}]}
compile:
  loss: categorical_crossentropy
  optimizer: {type: adamw, learning_rate: {type: cosine_decay, initial_learning_rate: 0.01, decay_steps: 330}, use_ema: true}
  metrics: [accuracy, precision]
fit: {epochs: 3, batch_size: 11, class_weight: balanced}
checkpoint: {every: 7 steps, keep: 2}`,
  'augmentation, with a best model': `
${dataWith('augment: [{type: random_flip, mode: horizontal}, {type: random_translation, height_factor: 0.1, width_factor: 0.1}]')}
model: {input: [8, 8, 1], layers: [{type: conv2d, filters: 4, kernel_size: 3, activation: relu}, flatten, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 10}
checkpoint: {every: 30 steps, keep: 2, save: best}`,
  'rows that wait on disk': `
${dataWith('memory: 100 KB')}
model: {input: [64], layers: [{type: dense, units: 16, activation: relu}, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: lion, metrics: [accuracy]}
fit: {epochs: 10}
checkpoint: {every: 25 steps}`,
  'TensorFlow.js': `
${DATA}
model: {input: [64], layers: [{type: dense, units: 16, activation: relu}, {type: dropout, rate: 0.2}, ${SOFTMAX}]}
compile: {loss: categorical_crossentropy, optimizer: nadam, metrics: [accuracy]}
fit: {epochs: 4, batch_size: 64, engine: tfjs}
checkpoint: {every: 5 steps}`,
}

describe('a run that is killed again and again', () => {
  const names = Object.keys(configs)
  const each = Math.ceil(KILLS / names.length)
  // Side by side, since most of the time they wait for slow files.
  it.concurrent.each(names)(
    'ends as if nothing had happened: %s',
    async (name) => {
      const config = `${name.replaceAll(/\W+/g, '-')}.yaml`
      await writeFile(join(folder, config), configs[name] ?? '')
      const whole = `${config}.whole`
      const argv = ['train', config, '--run-dir', whole, '--quiet']
      expect(await nnlab(argv, { cwd: folder, env })).toMatchObject({ code: 0, stderr: '' })
      const wanted = resultOf(join(folder, whole))
      for (let kills = 0, run = 1; kills < each; run++) {
        const broken = `${config}.${run}`
        for (;;) {
          const begun = existsSync(join(folder, broken, 'run.json'))
          const argv = begun ? ['train', '--resume', broken] : ['train', config, '--run-dir', broken]
          const kill = kills < each
          const { code, stderr } = await killable(argv, kill)
          if (code === 0) break
          expect({ code, stderr }).toEqual({ code: 'killed', stderr: expect.any(String) })
          kills += 1
        }
        expect(resultOf(join(folder, broken))).toEqual(wanted)
        await rm(join(folder, broken), { recursive: true })
      }
    },
    KILLS * 10_000 + 60_000,
  )
})

type Ended = { code: number | 'killed' | null; stderr: string }

/** Runs nnlab in a process of its own, which is killed at a random moment unless it has ended before. */
function killable(argv: readonly string[], kill: boolean): Promise<Ended> {
  const record = join(folder, argv.at(-1) ?? '', 'run.json')
  const begun = existsSync(record)
  return new Promise((resolve, reject) => {
    const started = spawn(
      process.execPath,
      [...child, String(kill ? LONGEST_PAUSE_MS : 0), ...argv, '--quiet'],
      {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...env },
      },
    )
    let stderr = ''
    let timer: NodeJS.Timeout | undefined
    const killWithin = (least: number, most: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => started.kill('SIGKILL'), least + Math.random() * (most - least))
    }
    // Most are killed while they train, however slow the machine is: once there is a record, or they say where they go on.
    const early = Math.random() < 0.1
    const watch = setInterval(() => {
      if (timer === undefined && kill && (begun ? stderr !== '' : existsSync(record))) killWithin(0, 700)
    }, 10)
    if (kill && early) killWithin(50, 1000)
    started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    started.on('error', reject)
    started.on('close', (code, signal) => {
      clearTimeout(timer)
      clearInterval(watch)
      resolve({ code: signal === 'SIGKILL' ? 'killed' : code, stderr })
    })
  })
}
