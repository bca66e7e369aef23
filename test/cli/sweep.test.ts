import { existsSync } from 'node:fs'
import { readFile, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { sweep } from '../../src/core/sweep.ts'
import { once } from '../../src/once.ts'
import type { SweepEvent } from '../../src/sweep/sweep-worker.ts'
import { folderOf, nnlab } from './support.ts'
import type { RunOptions } from './support.ts'

const CONFIG = `
name: line
data: {type: csv, path: rows.csv, target: y, split: {validation: 0.3}}
model: {input: [1], layers: [{type: dense, units: 2, activation: tanh}, {type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: adam, metrics: [mean_absolute_error]}
fit: {epochs: 4, batch_size: 8}
`
const CSV = `x,y\n${Array.from({ length: 30 }, (_, i) => `${i / 10},${(i * 7) % 11}`).join('\n')}\n`

const PARAMETERS = `
  parameters:
    compile.optimizer.learning_rate: {min: 1e-3, max: 0.3, distribution: log_uniform_values}
    model.layers[0].units: {min: 2, max: 3}
    model.layers.0.activation: {values: [tanh, relu]}
`
const SEARCHES: Readonly<Record<string, string>> = {
  random: `sweep:\n  method: random\n  run_cap: 6${PARAMETERS}`,
  'tpe with asha': `sweep:\n  method: {type: tpe, startup_trials: 4}\n  run_cap: 12\n  parallel: 3\n  early_terminate: {type: asha, eta: 2}${PARAMETERS}`,
  'sobol with median': `sweep:\n  method: sobol\n  run_cap: 8\n  parallel: 2\n  early_terminate: {type: median, min_trials: 2}${PARAMETERS}`,
}

type SweepJson = {
  sweep: string
  best: { trial: number; value: number; set: Record<string, unknown>; runs: { weights_sha256: string }[] }
  best_config: string
  importance: Record<string, number>
  trials: { trial: number; state: string; value?: number; deviation?: number; set: Record<string, unknown> }[]
}

async function search(cwd: string, ...argv: string[]): Promise<{ code: number; result: SweepJson }> {
  const { code, stdout } = await nnlab(['sweep', ...argv, '--json', '--quiet'], { cwd })
  const result: SweepJson = JSON.parse(stdout)
  return { code, result }
}

/** The contents of all results of turns, which hold the weights of the trials. */
async function turnsIn(folder: string): Promise<string[]> {
  const names = (await readdir(join(folder, 'turns'))).filter((name) => name.endsWith('.json')).toSorted()
  return Promise.all(names.map((name) => readFile(join(folder, 'turns', name), 'utf8')))
}

/** The searches, and what one worker makes of each, which tests share. */
const searches = Object.entries(SEARCHES).map(([name, section]) => {
  const files = { 'nnlab.yaml': CONFIG.replace('epochs: 4', 'epochs: 8') + section, 'rows.csv': CSV }
  const alone = once(async () => {
    const cwd = await folderOf(files)
    const { result } = await search(cwd, '-j', '1')
    return { result, turns: await turnsIn(join(cwd, 'runs/line/sweep-001')) }
  })
  return { name, files, alone }
})

describe('sweep', () => {
  it('tries every combination of values that the command line names, with seeds', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { code, result } = await search(
      cwd,
      'compile.optimizer.learning_rate=1e-3,1e-1',
      'fit.batch_size=4,8',
      '--seeds',
      '2',
    )
    expect(code).toBe(0)
    expect(result.trials.map(({ set }) => Object.values(set))).toEqual([
      [0.001, 4],
      [0.001, 8],
      [0.1, 4],
      [0.1, 8],
    ])
    expect(result.trials.every(({ deviation = 0 }) => deviation > 0)).toBe(true)
    expect(result.best.value).toBe(Math.min(...result.trials.map(({ value = NaN }) => value)))
    expect(await readdir(join(cwd, 'runs/line/sweep-001/trials'))).toHaveLength(8)
  })

  it('draws from the ranges that the command line names', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { code, result } = await search(
      cwd,
      'compile.optimizer.learning_rate={min: 1e-3, max: 1e-1, distribution: log_uniform_values}',
      'fit.batch_size={max: 8, min: 4}',
      '--set',
      'sweep.run_cap=3',
    )
    expect(code).toBe(0)
    expect(result.trials).toHaveLength(3)
    for (const { set } of result.trials) {
      expect(set['fit.batch_size']).toSatisfy((size: number) => [4, 5, 6, 7, 8].includes(size))
      expect(set['compile.optimizer.learning_rate']).toSatisfy((rate: number) => rate >= 1e-3 && rate <= 0.1)
    }
  })

  it.each(searches)(
    'is the same for $name with 1, 2 and 4 workers and whatever ends first',
    async ({ files, alone }) => {
      const { result, turns } = await alone()
      for (const jobs of [2, 4]) {
        const cwd = await folderOf(files)
        // Every other training waits until one that began later has ended.
        let begun = 0
        const ended: number[] = []
        const onTurn = ({ kind, turn: { turn } }: SweepEvent): void =>
          void (kind === 'end' && ended.push(turn))
        const onTrainBegin = async (): Promise<void> => {
          const before = ended.length
          const waits = begun++ % 2 === 0
          for (let ms = 0; waits && ended.length === before && ms < 300; ms += 5) await sleep(5)
        }
        const outcome = await sweep({ cwd, process, jobs, listeners: [{ onTrainBegin }], onTurn })
        expect(ended).not.toEqual(ended.toSorted((a, b) => a - b))
        expect(outcome?.trials.length).toBe(result.trials.length)
        expect(outcome?.importance).toEqual(result.importance)
        expect(await turnsIn(join(cwd, 'runs/line/sweep-001'))).toEqual(turns)
      }
    },
  )

  it.each(searches)('is the same for $name interrupted and resumed', async ({ files, alone }) => {
    const { result, turns } = await alone()
    const cwd = await folderOf(files)
    const folder = 'runs/line/sweep-001'
    const onSignal: RunOptions['onSignal'] = (handler) => {
      const timer = setInterval(() => {
        if (!existsSync(join(cwd, folder, 'turns/0001.json'))) return
        clearInterval(timer)
        handler('SIGINT')
      }, 5)
      return () => clearInterval(timer)
    }
    const stopped = await nnlab(['sweep', '-j', '2', '--quiet'], { cwd, onSignal })
    expect(stopped).toMatchObject({ code: 130, stdout: '' })
    expect(stopped.stderr).toContain(`resume with: nnlab sweep --resume ${folder}`)
    const again = await nnlab(['sweep', '--resume', '--json', '--quiet', '-j', '1'], { cwd })
    expect(JSON.parse(again.stdout)).toEqual(result)
    expect(await turnsIn(join(cwd, folder))).toEqual(turns)
  })

  it('ends trials early, and trains promoted ones on to the bits of a whole training', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': CONFIG + (SEARCHES['tpe with asha'] ?? ''),
      'rows.csv': CSV,
    })
    const { result } = await search(cwd)
    const states = result.trials.map(({ state }) => state)
    expect(states).toContain('stopped')
    expect(states).toContain('completed')
    const { trial, runs } = result.best
    const trained = await nnlab(['train', result.best_config, '--json', '--quiet'], { cwd })
    expect(JSON.parse(trained.stdout)).toMatchObject({ weights_sha256: runs[0]?.weights_sha256 })
    const record = `runs/line/sweep-001/trials/${String(trial).padStart(4, '0')}/run.json`
    expect(JSON.parse(await readFile(join(cwd, record), 'utf8'))).toMatchObject({
      stopped: 'completed',
      weights_sha256: runs[0]?.weights_sha256,
    })
  })

  it('writes the best config with the paths of all files as they start from its folder', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': `
data:
  type: csv
  path: {train: rows.csv, test: [more.csv]}
  join: {path: labels.csv, on: id}
  target: label
  features: {columns: [text], transforms: {text: {type: tokens, output_sequence_length: 2}}}
model:
  layers:
    - {type: embedding, input_dim: vocabulary, output_dim: 1, embeddings: {path: words.txt}}
    - flatten
    - {type: dense, units: 1, activation: sigmoid}
compile: {loss: binary_crossentropy}
sweep: {metric: {name: loss}, parameters: {fit.batch_size: {values: [1, 2]}}}
`,
      'rows.csv': 'id,text\n1,good day\n2,bad day\n3,good night\n',
      'more.csv': 'id,text\n4,bad night\n5,good day\n',
      'labels.csv': 'id,label\n1,yes\n2,no\n3,yes\n4,no\n5,yes\n',
      'words.txt': 'good 1\nbad 2\nday 3\n',
    })
    const { result } = await search(cwd)
    const trained = await nnlab(['train', result.best_config, '--json', '--quiet'], { cwd })
    expect(trained).toMatchObject({ code: 0 })
    expect(JSON.parse(trained.stdout)).toMatchObject({ weights_sha256: result.best.runs[0]?.weights_sha256 })
  })

  it.each(['best.yaml', 'sweep.json'])('puts no file in the place of a link, as %s', async (name) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { code } = await search(cwd, 'nnlab.yaml', 'fit.batch_size=8,16')
    expect(code).toBe(0)
    const folder = join(cwd, 'runs/line/sweep-001')
    await rename(join(folder, name), join(cwd, 'mine'))
    await symlink(join(cwd, 'mine'), join(folder, name))
    expect(await nnlab(['sweep', '--resume', 'runs/line/sweep-001', '--quiet'], { cwd })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`${name} is not a regular file; nothing was changed`) as unknown,
    })
    expect(await readlink(join(folder, name))).toBe(join(cwd, 'mine'))
  })

  it('says that it goes on without the changes of a config', async () => {
    const other = CONFIG.replace('units: 2', 'units: 3')
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'other.yaml': other, 'rows.csv': CSV })
    expect((await search(cwd, 'nnlab.yaml', 'fit.batch_size=8,16')).code).toBe(0)
    const noteOf = async (...argv: string[]) =>
      (await nnlab(['sweep', ...argv], { cwd })).stderr.split('\n').find((line) => /goes on/.test(line))
    expect(await noteOf('other.yaml', '--resume', 'runs/line/sweep-001')).toBe(
      'note: runs/line/sweep-001 goes on as it was begun, without these changes of the config: model.layers[0].units: 2 -> 3',
    )
    for (const argv of [['--resume'], ['--resume', 'runs/line/sweep-001'], ['nnlab.yaml', '--resume']])
      expect(await noteOf(...argv)).toBeUndefined()
  })

  it('trains no trial whose result would take the place of a link', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    expect((await search(cwd, 'nnlab.yaml', 'fit.batch_size=8,16')).code).toBe(0)
    const folder = join(cwd, 'runs/line/sweep-001')
    await rename(join(folder, 'turns/0002.json'), join(cwd, 'aside'))
    await symlink(join(cwd, 'nowhere'), join(folder, 'turns/0002.json'))
    expect(await nnlab(['sweep', '--resume', 'runs/line/sweep-001', '--quiet'], { cwd })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('0002.json is not a regular file; nothing was changed') as unknown,
    })
    expect(await readlink(join(folder, 'turns/0002.json'))).toBe(join(cwd, 'nowhere'))
  })

  it('has one arithmetic for all trials, which its config in the folder names', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { result } = await search(cwd, 'fit.epochs=1,2')
    const Arithmetic = z.object({ fit: z.object({ arithmetic: z.enum(['fma', 'mul_add']) }) })
    const readIn = async (path: string): Promise<unknown> =>
      JSON.parse(await readFile(join(cwd, 'runs/line/sweep-001', path), 'utf8'))
    const { arithmetic } = Arithmetic.parse(await readIn('config.json')).fit
    expect(await readIn('trials/0001/run.json')).toMatchObject({ arithmetic })
    expect(await readFile(join(cwd, result.best_config), 'utf8')).toContain(`arithmetic: ${arithmetic}`)
  })

  it('records trials that fail, goes on, and exits with 7', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const rates = 'compile.optimizer={type: sgd, learning_rate: 1e+30},adam'
    const { code, result } = await search(cwd, rates)
    expect(code).toBe(7)
    expect(result.trials.map(({ state }) => state)).toEqual(['failed', 'completed'])
    const { stdout } = await nnlab(['sweep', rates, '--quiet'], { cwd })
    expect(stdout).toMatch(/2 trials, 1 failed/)
    expect(stdout).toMatch(/trial 1 failed: .*loss/)
  })

  it('sets paired values together, and a path into a bare name', async () => {
    const section = `sweep:
  paired:
    - {"model.layers[0].units": 1, fit.epochs: 2}
    - {"model.layers[0].units": 3, fit.epochs: 1, compile.optimizer.beta_1: 0.8}
`
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG + section, 'rows.csv': CSV })
    const { result } = await search(cwd)
    const specs = await Promise.all(
      ['0001', '0002'].map(async (key) => {
        const spec = await readFile(join(cwd, `runs/line/sweep-001/trials/${key}/spec.json`), 'utf8')
        const {
          model,
          compile,
          fit,
        }: { model: { layers: { units: number }[] }; compile: object; fit: object } = JSON.parse(spec)
        return { units: model.layers[0]?.units, compile, fit }
      }),
    )
    expect(specs).toMatchObject([
      { units: 1, fit: { epochs: 2 } },
      { units: 3, fit: { epochs: 1 }, compile: { optimizer: { type: 'adam', beta_1: 0.8 } } },
    ])
    expect(Object.keys(result.importance)).toEqual(['paired'])
  })

  it('compares by the known direction of the metric, or the goal that is given', async () => {
    const section =
      'sweep:\n  metric: {name: val_mean_absolute_error}\n  parameters: {fit.epochs: {values: [1, 30]}}\n'
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG + section, 'rows.csv': CSV })
    const least = await search(cwd)
    const most = await search(cwd, '--set', 'sweep.metric.goal=maximize')
    expect(most.result.best.trial).not.toBe(least.result.best.trial)
  })

  it('is no plain run: train and cv leave the section aside and say so, runs lists trials', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': `${CONFIG}sweep: {parameters: {fit.epochs: {values: [1, 2]}}}\n`,
      'rows.csv': CSV,
    })
    await search(cwd)
    const { stderr, code } = await nnlab(['train'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('`sweep` is ignored') })
    const spec = await readFile(join(cwd, 'runs/line/001/spec.json'), 'utf8')
    expect(spec).not.toContain('"sweep"')
    const { runs }: { runs: unknown[] } = JSON.parse(
      (await nnlab(['runs', '--trials', '--json'], { cwd })).stdout,
    )
    expect(runs).toHaveLength(2)
  })

  it('names the best of all trials after an interruption, not of those that are left', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { result } = await search(cwd, 'fit.epochs=30,1')
    expect(result.best.trial).toBe(1)
    await rm(join(cwd, 'runs/line/sweep-001/turns/0002.json'))
    const { stderr } = await nnlab(['sweep', '--resume', 'runs/line/sweep-001'], { cwd })
    const [, second, best] = /trial 2\/2 {2}val_loss ([\d.]+) {2}best ([\d.]+)/.exec(stderr) ?? []
    expect(Number(best)).toBeLessThan(Number(second))
    expect(stderr).not.toContain('trial 1/2')
  })

  it('is listed by runs with its trials, of several seeds or without any run', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    await nnlab(['sweep', 'fit.epochs=1,2', '--seeds', '3', '--quiet'], { cwd })
    await nnlab(['sweep', 'fit.epochs=1', '--quiet'], { cwd })
    await rm(join(cwd, 'runs/line/sweep-002/trials'), { recursive: true })
    const { groups }: { groups: unknown[] } = JSON.parse((await nnlab(['runs', '--json'], { cwd })).stdout)
    expect(groups).toMatchObject([
      { group: 'runs/line/sweep-001', trials: { done: 2, all: 2 } },
      { group: 'runs/line/sweep-002', state: 'completed', trials: { done: 1, all: 1 } },
    ])
    const record = join(cwd, 'runs/line/sweep-001/sweep.json')
    const { trials: _, ...begun }: { trials: number } = JSON.parse(await readFile(record, 'utf8'))
    await writeFile(record, JSON.stringify(begun))
    const list = JSON.parse((await nnlab(['runs', '--json'], { cwd })).stdout)
    expect(list).toMatchObject({ groups: [{ trials: { done: 2 } }, {}] })
  })

  it.each([
    ['no parameters', [], '', 2, 'the config has no section `sweep`'],
    ['a value that no trial can have', ['fit.epochs=0,1'], '', 3, 'expected an integer >= 1, got 0'],
    ['a key that does not exist', ['fit.epoch=1'], '', 3, 'unknown key "epoch"'],
    ['a layer that does not exist', ['model.layers[7].units=1'], '', 3, 'this list has 2 items'],
    ['an argument without values', ['fit'], '', 3, 'fit'],
    ...['fit.batch_size=8..64', 'fit.batch_size=8...64', 'fit.batch_size=8:64'].map(
      (range): [string, string[], string, number, string] => [
        `a range such as ${range}`,
        [range],
        '',
        2,
        "write a range as 'fit.batch_size={min: 8, max: 64}', values as fit.batch_size=8,64",
      ],
    ),
    ['no jobs', ['fit.epochs=1', '-j', '-1'], '', 2, '--jobs: expected a whole number from 1 on'],
    ['no seeds', ['fit.epochs=1', '--seeds', '0'], '', 3, 'expected an integer >= 1, got 0'],
    ['data that is not there', ['fit.epochs=1', '--set', 'data.path=none.csv'], '', 4, 'no such file'],
    [
      'no data in one of its trials',
      ['data.path=rows.csv,none.csv'],
      '',
      4,
      'none.csv: there is no such file',
    ],
    ['a folder without a sweep', ['--resume', 'none'], '', 6, 'is not a sweep'],
    ['no sweep to resume', ['--resume'], '', 6, 'there is no sweep of line'],
    ['changes on the way', ['--resume', 'none', '--seeds', '2'], '', 2, 'cannot be changed'],
    [
      'log_uniform of W&B',
      [],
      'fit.epochs: {distribution: log_uniform, min: 1, max: 2}',
      3,
      'log_uniform_values',
    ],
    ['a grid of a range', [], 'fit.epochs: {min: 1, max: 2.5}', 3, 'expected an integer'],
    ['two kinds of values', [], 'fit.epochs: {min: 1, values: [2]}', 3, 'min has no meaning beside values'],
    ['half a range', [], 'fit.epochs: {min: 1}', 3, 'needs values, value, or min and max'],
    [
      'epochs that asha decides',
      ['fit.epochs=2,3', '--set', 'sweep.early_terminate.type=asha'],
      '',
      3,
      'asha decides after how many epochs a trial ends, so that fit.epochs cannot be searched',
    ],
    [
      'a range of whole numbers for a key that takes others',
      ['--set', 'sweep.method=random'],
      'compile.optimizer.learning_rate: {min: 1.0, max: 2.0}',
      3,
      'min and max are whole numbers, and compile.optimizer.learning_rate takes others, too',
    ],
    ['an empty range', [], 'fit.epochs: {min: 2, max: 1}', 3, 'max must be above min'],
    ['no multiple', [], 'seed: {min: 1, max: 2, distribution: q_uniform, q: 5}', 3, 'no multiple of 5 lies'],
    [
      'numbers between the ends that no trial can have',
      [],
      'fit.epochs: {min: 1, max: 9, distribution: uniform}',
      3,
      'expected an integer >= 1, got 1.08',
    ],
    [
      'a normal distribution of numbers that no trial can have',
      [],
      'compile.optimizer.learning_rate: {distribution: normal, mu: 0, sigma: 1}',
      3,
      'expected a number > 0, got -',
    ],
    [
      'a key that two parameters set',
      [],
      '"model.layers[0].units": {values: [2]}, model.layers.0.units: {values: [3]}',
      3,
      'model.layers[0].units already sets this key',
    ],
    [
      'a key that a pair sets, too',
      ['--set', 'sweep.paired=[{fit.epochs: 3}]'],
      'fit.epochs: {values: [1, 2]}',
      3,
      'fit.epochs already sets this key',
    ],
    [
      'a parameter that a later one replaces',
      [],
      'compile.optimizer.learning_rate: {values: [0.1]}, compile.optimizer: {values: [sgd, adam]}',
      3,
      'it replaces compile.optimizer.learning_rate above',
    ],
    ['a key of the sweep', [], 'sweep.seeds: {values: [1, 2]}', 3, 'cannot search its own keys'],
    ['a parameter twice', ['fit.epochs=1,2', 'fit.epochs=3'], '', 2, 'fit.epochs is given twice'],
    [
      'a scale from 0 on',
      [],
      'seed: {min: 0, max: 9, distribution: log_uniform_values}',
      3,
      'begins above 0',
    ],
  ])('%s is refused before anything is trained', async (_, argv, parameter, code, message) => {
    const section = parameter === '' ? '' : `sweep: {method: grid, parameters: {${parameter}}}\n`
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG + section, 'rows.csv': CSV })
    const ran = await nnlab(['sweep', ...argv], { cwd })
    expect(ran.stderr).toContain(message)
    expect(ran.code).toBe(code)
    expect(await readdir(cwd)).not.toContain('runs')
  })

  it.each([
    ['a sweep that extends it', 'nnlab.yaml', 'sweep/lr.yaml', 'extends: ../nnlab.yaml\n'],
    ['the other way round', 'sweep/lr.yaml', 'nnlab.yaml', 'extends: ../nnlab.yaml\n'],
    ['a section alone', 'nnlab.yaml', 'sweep/lr.yaml', ''],
  ])('of a config and %s, the file to sweep is named', async (_, first, second, extended) => {
    const section = `${extended}sweep: {method: grid, parameters: {fit.epochs: {values: [1, 2]}}}\n`
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV, 'sweep/lr.yaml': section })
    const ran = await nnlab(['sweep', first, second], { cwd })
    expect(ran.stderr).toContain(`${second} is a file, not a parameter with values`)
    expect(ran.stderr).toContain('run `nnlab sweep sweep/lr.yaml`')
    expect(ran.stderr).toContain('begins with `extends: ../nnlab.yaml`')
    expect(ran.code).toBe(2)
  })

  it('reports every mistake at its place', async () => {
    const section = `sweep:
  method: bayes
  metric: {name: val_accuracy}
  parameters:
    fit.batch_size: {values: [8, 0, x]}
    fit.epochs: {min: 1, max: 3, distribution: uniform, mu: 1}
  early_terminate: {type: hyperband, min_iter: 3}
`
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG + section, 'rows.csv': CSV })
    const wrong = await nnlab(['validate'], { cwd })
    const places = [...wrong.stderr.matchAll(/^nnlab.yaml:(\d+:\d+) error ([\w-]+)/gm)].map(
      ([, at, code]) => [at, code],
    )
    expect(places).toEqual([
      ['8:11', 'unknown-sampler'],
      ['9:18', 'monitor'],
      ['12:57', 'sweep'],
      ['13:38', 'unknown-key'],
    ])
    const repaired = section
      .replace('bayes', 'tpe')
      .replace('val_accuracy', 'val_loss')
      .replace(', mu: 1', '')
      .replace('min_iter', 'min_epochs')
    const values = await nnlab(['validate'], { cwd: await folderOf({ 'nnlab.yaml': CONFIG + repaired }) })
    expect(values.stderr).toContain('nnlab.yaml:11:34 error range: expected an integer >= 1, got 0')
    expect(values.stderr).toContain('nnlab.yaml:11:37 error type: expected an integer >= 1, got "x"')
  })
})
