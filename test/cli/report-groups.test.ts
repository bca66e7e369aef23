import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { listening } from './listening.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: iris
data: {type: csv, path: iris.csv, target: species, features: {scale: standard}, split: {test: 0.2}}
model: {layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.05}, metrics: [accuracy]}
fit: {epochs: 3}
`

async function iris(): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  await cp('configs/data/iris.csv', join(cwd, 'iris.csv'))
  return cwd
}

async function run(cwd: string, ...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await nnlab([...argv, '--quiet'], { cwd })
  expect(code, stderr).toBe(0)
  return stdout
}

const Evaluated = z.object({ confusion: z.array(z.array(z.number())) })
const CrossValidation = z.object({
  cv: z.object({
    out_of_fold: Evaluated.extend({
      rows: z.number(),
      analysis: z.array(z.object({ roc_auc: z.number() })),
    }),
  }),
})

describe('a report of a whole', { timeout: 120_000 }, () => {
  it('shows of a sweep the trials, the best first, and what each parameter did, in every format', async () => {
    const cwd = await iris()
    const split = '--set=data.split.validation=0.2'
    const found = await run(
      cwd,
      ...['sweep', split, 'fit.batch_size=8,32', 'model.layers[0].activation=tanh,relu', '--json'],
    )
    const { best, trials }: { best: { trial: number; value: number }; trials: unknown[] } = JSON.parse(found)
    const folder = 'runs/iris/sweep-001'
    await run(cwd, 'report', folder, '-o', 'report.html')
    const page = await readFile(join(cwd, 'report.html'), 'utf8')
    expect(page).toContain('<h1>Sweep of iris</h1>')
    expect(page).toContain(`Trial <strong>${best.trial}</strong>: val_loss <strong>${best.value.toFixed(4)}`)
    expect(page).toContain('nnlab train runs/iris/sweep-001/best.yaml')
    expect(page).toMatch(/aria-label="Parameters and val_loss of 4 trials\. trial \d: val_loss/)
    for (const name of ['batch_size', 'activation']) expect(page).toContain(`<h3>val_loss by ${name}</h3>`)
    const table = [...page.slice(page.indexOf('Trials, the best first')).matchAll(/<tr><td class="n">(\d)</g)]
    expect(table.map(([, trial]) => Number(trial))).toHaveLength(4)
    expect(Number(table[0]?.[1])).toBe(best.trial)
    expect(await run(cwd, 'report', folder, '--format', 'svg', '-o', '-')).toMatch(/^<svg .*<\/svg>\n$/s)
    const lines = (await run(cwd, 'report', folder, '--format', 'md', '-o', '-')).split('\n')
    expect(lines.find((line) => line.startsWith('| Trial'))).toContain('| batch_size |')
    const document: { sweep: unknown; runs: unknown[] } = JSON.parse(
      await run(cwd, 'report', folder, '--format', 'json', '-o', '-'),
    )
    expect(document.sweep).toMatchObject({ state: 'completed', best: { trial: best.trial }, trials })
    expect(document.runs).toHaveLength(4)
  })

  it('puts the predictions of the folds of a cross-validation together', async () => {
    const cwd = await iris()
    await run(cwd, 'cv', '--folds', '3')
    const folder = 'runs/iris/cv-001'
    const { cv } = CrossValidation.parse(
      JSON.parse(await run(cwd, 'report', folder, '--format', 'json', '-o', '-')),
    )
    const folds = await Promise.all(
      [1, 2, 3].map(async (fold) => {
        const argv = ['evaluate', `${folder}/trials/fold-${fold}`, '--split', 'validation', '--json']
        return Evaluated.parse(JSON.parse(await run(cwd, ...argv))).confusion
      }),
    )
    const sums = folds[0]?.map((row, i) =>
      row.map((_, j) => folds.reduce((sum, counts) => sum + (counts[i]?.[j] ?? NaN), 0)),
    )
    const { rows, confusion, analysis } = cv.out_of_fold
    expect(rows).toBe(120)
    expect(confusion).toEqual(sums)
    expect(analysis[0]?.roc_auc).toBeGreaterThan(0.5)
    await run(cwd, 'report', folder, '-o', 'report.html')
    const page = await readFile(join(cwd, 'report.html'), 'utf8')
    expect(page).toContain('120 rows, each predicted by the model of the fold')
    expect(page).toMatch(/<h3>val_accuracy<\/h3>.*Mean 0\.\d+, and a band of one deviation/s)
    const two = await nnlab(['report', folder, `${folder}/trials/fold-1`], { cwd })
    expect([two.code, two.stderr]).toEqual([2, expect.stringContaining('name it alone')])
    const whole = await readFile(join(cwd, 'iris.csv'), 'utf8')
    await writeFile(join(cwd, 'iris.csv'), whole.split('\n').toSpliced(10, 20).join('\n'))
    const changed = await run(cwd, 'report', folder, '--format', 'md', '-o', '-')
    expect(changed).toContain('could not be put together: the data has changed since')
    expect(changed).not.toContain('## Out of fold')
    await writeFile(join(cwd, 'iris.csv'), 'gone\n')
    await run(cwd, 'report', folder, '-o', 'gone.html')
    expect(await readFile(join(cwd, 'gone.html'), 'utf8')).toContain('could not be put together')
  })

  it('is on the board, which opens it', async () => {
    const cwd = await iris()
    await run(cwd, 'train', '--seeds', '2')
    const { url } = await listening(['board'], cwd)
    const page = await (await fetch(url)).text()
    const row = page
      .split('<tr ')
      .find((one) => one.startsWith('data-run="iris/seeds-001" data-kind="group"'))
    expect(row).toMatch(
      /<td class="completed">completed<\/td><td>2 trials<\/td><td>loss [\d.]+ ± [\d.]+<\/td>/,
    )
    expect(page).toContain('data-run="iris/seeds-001/trials/seed-0" data-kind="trial"')
    const address = new URL('/run', url)
    address.search = `${new URL(url).search}&run=iris/seeds-001`
    const opened = await (await fetch(address)).text()
    expect(opened).toContain('Training with several seeds of iris')
    expect(opened).toContain('>runs/iris/seeds-001/trials/seed-0<')
    expect(opened).toContain('<h3>test accuracy</h3>')
    address.pathname = '/report'
    expect(await (await fetch(address)).text()).toContain('Mean and deviation over 2 seeds')
  })
})
