import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

const Evaluated = z.object({
  metrics: z.record(z.string(), z.number()),
  thresholds: z.array(
    z.object({
      threshold: z.number(),
      precision: z.number(),
      recall: z.number(),
      false_positive_rate: z.number(),
    }),
  ),
})

const CONFIG = `
name: games
data: {type: csv, path: games.csv, target: won, features: {columns: [x]}, split: {test: 0.5}}
model: {layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: {type: adam, learning_rate: 0.1}, metrics: [accuracy]}
fit: {epochs: 3, batch_size: 16}
`
const rows = Array.from({ length: 120 }, (_, i) => {
  const x = ((i * 37) % 101) / 50 - 1
  return { x, won: x + Math.sin(i) > 0 ? 'yes' : 'no' }
})
const GAMES = `x,won\n${rows.map(({ x, won }) => `${x},${won}\n`).join('')}`

async function trained(): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'games.csv': GAMES })
  expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

/** The fields of a csv file without quotes. */
async function fieldsOf(path: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const names = header.split(',')
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((field, i): [string, string] => [names[i] ?? '', field])),
  )
}

describe('evaluate', () => {
  it('notes that the rows of the config have changed since the training', async () => {
    const cwd = await trained()
    const changed = 'note: the data has changed since runs/games/001 was trained'
    for (const split of ['train', 'test']) {
      const { stderr } = await nnlab(['evaluate', '--split', split], { cwd })
      expect(stderr).not.toContain(changed)
    }
    await writeFile(join(cwd, 'games.csv'), `${GAMES}0.5,yes\n`)
    for (const split of ['train', 'test']) {
      const { code, stderr } = await nnlab(['evaluate', '--split', split], { cwd })
      expect([code, stderr]).toEqual([0, expect.stringContaining(changed)])
    }
    const { stderr } = await nnlab(['evaluate', '--data', 'games.csv'], { cwd })
    expect(stderr).not.toContain(changed)
  })

  it('writes each test row with its target and prediction, from which the figures follow', async () => {
    const cwd = await trained()
    const argv = ['evaluate', '--thresholds', '--json', '--predictions', 'test.csv']
    const { code, stdout } = await nnlab(argv, { cwd })
    expect(code).toBe(0)
    const { metrics, thresholds } = Evaluated.parse(JSON.parse(stdout))
    const fields = await fieldsOf(join(cwd, 'test.csv'))
    expect(fields).toHaveLength(60)
    for (const { row, target } of fields) expect(target).toBe(rows[Number(row) - 1]?.won)
    const hits = fields.filter(({ prediction, target }) => prediction === target).length
    expect(metrics['accuracy']).toBeCloseTo(hits / 60, 10)

    const truths = fields.map(({ target, p_yes }) => ({ isYes: target === 'yes', p: Number(p_yes) }))
    const share = (part: typeof truths, threshold: number): number =>
      part.length === 0 ? 0 : part.filter(({ p }) => p > threshold).length / part.length
    for (const { threshold, precision, recall, false_positive_rate } of thresholds) {
      const above = truths.filter(({ p }) => p > threshold)
      const right = above.filter(({ isYes }) => isYes).length
      expect(precision).toBeCloseTo(above.length === 0 ? 0 : right / above.length, 10)
      expect(recall).toBeCloseTo(
        share(
          truths.filter(({ isYes }) => isYes),
          threshold,
        ),
        10,
      )
      expect(false_positive_rate).toBeCloseTo(
        share(
          truths.filter(({ isYes }) => !isYes),
          threshold,
        ),
        10,
      )
    }
  })

  it('writes Markdown for a pull request, and so does runs', async () => {
    const cwd = await trained()
    const { stdout } = await nnlab(['evaluate', '--format', 'md', '--thresholds'], { cwd })
    expect(stdout).toContain('\n| Metric | Value |\n| --- | ---: |\n| loss | 0.')
    expect(stdout).toContain('\n\n| Class | Precision | Recall | F1 | Rows |\n')
    expect(stdout).toContain('\n\n| Threshold | Precision | Recall | False positive rate |\n')
    const runs = await nnlab(['runs', '--format', 'md'], { cwd })
    expect(runs.stdout).toMatch(
      /^\| run \| state \|.*\n\| --- \| --- \|.*\n\| runs\/games\/001 \| completed \|/,
    )
  })

  it('names the files of images', async () => {
    const cwd = await folderOf()
    for (let i = 0; i < 8; i++) {
      await mkdir(join(cwd, 'photos', i % 2 ? 'cats' : 'dogs'), { recursive: true })
      const data = new Uint8Array(48).fill(i * 30)
      const image = encode({ width: 4, height: 4, channels: 3, data })
      await writeFile(join(cwd, 'photos', i % 2 ? 'cats' : 'dogs', `${i}.png`), image)
    }
    await writeFile(
      join(cwd, 'nnlab.yaml'),
      CONFIG.replace(/data: .*/, 'data: {type: images, path: photos, image_size: [4, 4]}').replace(
        'layers: [',
        'layers: [flatten, ',
      ),
    )
    expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    const argv = ['evaluate', '--split', 'train', '--quiet', '--predictions', 'all.csv']
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 0 })
    const fields = await fieldsOf(join(cwd, 'all.csv'))
    expect(fields.map(({ file, target }) => [file, target])).toContainEqual(['photos/cats/1.png', 'cats'])
    expect(fields).toHaveLength(8)
  })

  it.each([
    [1, { target: ['20', '30', '40', '50', '60', '70', '80', '90'] }],
    [
      2,
      {
        target_1: ['20', '30', '40', '50', '60', '70', '80'],
        target_2: ['30', '40', '50', '60', '70', '80', '90'],
      },
    ],
  ])('writes every window of a series with its target of %i steps', async (steps, targets) => {
    const cwd = await folderOf({
      'nnlab.yaml': CONFIG.replace(
        /data: .*/,
        `data: {type: csv, path: series.csv, target: y, features: {columns: [y]}, window: {steps: 2, target_steps: ${steps}}}`,
      )
        .replace(
          'layers: [{type: dense, units: 1, activation: sigmoid}]',
          `layers: [flatten, {type: dense, units: ${steps}}]`,
        )
        .replace('binary_crossentropy', 'mse')
        .replace('metrics: [accuracy]', 'metrics: [mae]'),
      'series.csv': `y\n${Array.from({ length: 10 }, (_, i) => `${i * 10}\n`).join('')}`,
    })
    expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    const argv = ['evaluate', '--split', 'train', '--quiet', '--predictions', 'all.csv']
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 0 })
    const fields = await fieldsOf(join(cwd, 'all.csv'))
    for (const [column, values] of Object.entries(targets))
      expect(fields.map((row) => row[column])).toEqual(values)
  })

  it.each([
    [['--predictions', 'p.txt'], 'end it with .csv or .jsonl'],
    [['--predictions', 'games.csv', '--data', 'games.csv'], '"games.csv" is a file that is read'],
  ])('refuses %s', async (options, message) => {
    const cwd = await trained()
    const { code, stderr } = await nnlab(['evaluate', ...options], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(await readFile(join(cwd, 'games.csv'), 'utf8')).toBe(GAMES)
  })
})

const Explained = z.object({
  metrics: z.record(z.string(), z.number()),
  intervals: z.record(z.string(), z.object({ low: z.number(), high: z.number() })),
  analysis: z.array(
    z.object({
      roc_auc: z.number(),
      brier: z.number(),
      thresholds: z.object({
        positive: z.string(),
        best_f1: z.object({ threshold: z.number(), f1: z.number() }),
      }),
      calibration: z.object({ ece: z.number() }),
      curves: z.array(z.object({ roc: z.object({ recall: z.array(z.number()) }) })),
    }),
  ),
  importance: z.object({
    metric: z.string(),
    columns: z.array(z.object({ column: z.string(), mean: z.number() })),
  }),
  worst: z.array(
    z.object({
      row: z.int(),
      values: z.record(z.string(), z.union([z.string(), z.number()])),
      error: z.number(),
    }),
  ),
})

describe('evaluate --explain', () => {
  it('has confidence intervals, curves, thresholds, calibration, importance and the worst rows', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': CONFIG.replace('columns: [x]', 'columns: [x, noise]'),
      'games.csv': `x,noise,won\n${rows.map(({ x, won }, i) => `${x},${(i * 7) % 5},${won}\n`).join('')}`,
    })
    expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    const { code, stdout } = await nnlab(['evaluate', '--explain', '--json'], { cwd })
    expect(code).toBe(0)
    const { metrics, intervals, analysis, importance, worst } = Explained.parse(JSON.parse(stdout))
    for (const [name, value] of Object.entries(metrics)) {
      expect(intervals[name]?.low).toBeLessThanOrEqual(value)
      expect(intervals[name]?.high).toBeGreaterThanOrEqual(value)
    }
    expect(analysis[0]?.thresholds.positive).toBe('yes')
    expect(importance.metric).toBe('accuracy')
    expect(importance.columns[0]?.column).toBe('x')
    expect(worst.length).toBeGreaterThan(0)
    for (const { row, values } of worst) expect(values['x']).toBe(rows[row - 1]?.x)
    expect(await nnlab(['evaluate', '--explain', '--json'], { cwd })).toMatchObject({ stdout })
  })

  it('shows numbers with their errors, in a pipe as Markdown too', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': CONFIG.replace('target: won, features: {columns: [x]}', 'target: y')
        .replace(', activation: sigmoid', '')
        .replace('binary_crossentropy', 'mean_squared_error')
        .replace('[accuracy]', '[mean_absolute_error]'),
      'games.csv': `x,y\n${rows.map(({ x }) => `${x},${3 * x + 1}\n`).join('')}`,
    })
    expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    const { code, stdout } = await nnlab(['evaluate', '--explain', '--format', 'md'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('| Metric | Value | 95 % interval |')
    expect(stdout).toContain('| Target | Mean | Mean absolute |')
    expect(stdout).toContain('Rows that the model is most wrong about:')
  })
})
