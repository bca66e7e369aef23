import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: line
data: {type: csv, path: rows.csv, target: y, split: {test: 0.2, validation: 0.5}}
model: {input: [1], layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: adam, metrics: [mean_absolute_error]}
fit: {epochs: 2, batch_size: 8}
`
const CSV = `x,y\n${Array.from({ length: 30 }, (_, i) => `${i / 10},${(i * 7) % 11}`).join('\n')}\n`

describe('cv', () => {
  it('trains once for each fold and prints the mean and deviation of every figure', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { code, stdout } = await nnlab(['cv', '--folds', '3', '--json', '--quiet'], { cwd })
    expect(code).toBe(0)
    const result: {
      folds: number
      runs: { fold: number; run: string; metrics: Record<string, number> }[]
      metrics: Record<string, { mean: number; deviation: number }>
      test: Record<string, unknown>
    } = JSON.parse(stdout)
    expect(result.runs.map(({ fold, run }) => [fold, run])).toEqual([
      [1, 'runs/line/001'],
      [2, 'runs/line/002'],
      [3, 'runs/line/003'],
    ])
    const losses = result.runs.map(({ metrics }) => metrics['val_loss'] ?? NaN)
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / 3
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / 2)
    expect(result.metrics['val_loss']?.mean).toBeCloseTo(mean, 12)
    expect(result.metrics['val_loss']?.deviation).toBeCloseTo(deviation, 12)
    expect(Object.keys(result.test)).toEqual(['loss', 'mean_absolute_error'])
  })

  it('prints a table', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { stdout } = await nnlab(['cv', '--folds', '2', '--quiet'], { cwd, columns: 200 })
    expect(stdout).toContain('Cross-validation of line over 2 folds')
    expect(stdout).toMatch(/┃ Metric +┃ +Mean ┃ Deviation ┃ Fold 1 ┃ Fold 2 ┃/)
    expect(stdout).toMatch(/│ val_mean_absolute_error +│ +4\.\d+ │/)
  })

  it('trains one fold with train --fold, whose rows evaluate finds again', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { stdout, code } = await nnlab(['train', '--fold', '2/3', '--json', '--quiet'], { cwd })
    expect(code).toBe(0)
    const { metrics }: { metrics: Record<string, number> } = JSON.parse(stdout)
    const record: unknown = JSON.parse(await readFile(join(cwd, 'runs/line/001/run.json'), 'utf8'))
    expect(record).toMatchObject({ data: { rows: { train: 16, validation: 8, test: 6 } } })
    const evaluated = await nnlab(['evaluate', 'runs/line/001', '--split', 'validation', '--json'], { cwd })
    const again: { rows: number; metrics: Record<string, number> } = JSON.parse(evaluated.stdout)
    expect(again.rows).toBe(8)
    expect(again.metrics['loss']).toBeCloseTo(metrics['val_loss'] ?? NaN, 6)
  })

  it.each([
    [['cv', '--folds', '1'], 2, '--folds: expected a whole number from 2 on'],
    [['train', '--fold', '4/3'], 3, 'there is no fold 4/3'],
    [['train', '--fold', 'two'], 3, 'expected a fold such as 2/5'],
    [['cv', '--set', 'data.path=none.csv'], 4, 'none.csv: there is no such file'],
  ])('%j is refused', async (argv, code, message) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const ran = await nnlab(argv, { cwd })
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(message)
  })
})
