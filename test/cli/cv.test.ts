import { readFile, readdir, writeFile } from 'node:fs/promises'
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
      [1, 'runs/line/cv-001/trials/fold-1'],
      [2, 'runs/line/cv-001/trials/fold-2'],
      [3, 'runs/line/cv-001/trials/fold-3'],
    ])
    const losses = result.runs.map(({ metrics }) => metrics['val_loss'] ?? NaN)
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / 3
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / 2)
    expect(result.metrics['val_loss']?.mean).toBeCloseTo(mean, 12)
    expect(result.metrics['val_loss']?.deviation).toBeCloseTo(deviation, 12)
    expect(Object.keys(result.test)).toEqual(['loss', 'mean_absolute_error'])
  })

  it.each([
    ['cv', '--folds', 'cv-001'],
    ['train', '--seeds', 'seeds-001'],
  ])('is resumed with as many trials as it has: %s %s', async (command, option, name) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    expect(await nnlab([command, option, '2', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    const resume = [command, '--resume', `runs/line/${name}`, '--quiet']
    expect(await nnlab([...resume, option, '2'], { cwd })).toMatchObject({ code: 0 })
    expect(await nnlab(resume, { cwd })).toMatchObject({ code: 0 })
    expect(await nnlab([...resume, option, '3'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(
        `error: ${option}: runs/line/${name} has 2 ${option.slice(2)}`,
      ) as unknown,
    })
  })

  it.each([
    ['cv', '--folds', 'cv-001'],
    ['train', '--seeds', 'seeds-001'],
  ])('says that it goes on without the changes of a config: %s', async (command, option, name) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    expect(await nnlab([command, option, '2', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    await writeFile(join(cwd, 'other.yaml'), CONFIG.replace('batch_size: 8', 'batch_size: 16'))
    const folder = `runs/line/${name}`
    const resumed = (...argv: string[]) => nnlab([command, ...argv], { cwd })
    expect((await resumed('other.yaml', '--resume', folder, option, '2')).stderr).toContain(
      `note: ${folder} goes on as it was begun, without these changes of the config: fit.batch_size: 8 -> 16`,
    )
    for (const argv of [
      ['--resume', folder],
      ['nnlab.yaml', '--resume', folder],
    ])
      expect((await resumed(...argv, option, '2')).stderr).not.toContain('goes on')
  })

  it('is no plain run: commands on the config mean the last of those', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    await nnlab(['train', '--quiet', '--set', 'fit.epochs=1'], { cwd })
    const before = await nnlab(['evaluate', '--json'], { cwd })
    expect(await nnlab(['cv', '--folds', '2', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    expect((await nnlab(['evaluate', '--json'], { cwd })).stdout).toBe(before.stdout)
    const { runs }: { runs: unknown } = JSON.parse((await nnlab(['runs', '--json'], { cwd })).stdout)
    expect(runs).toMatchObject([{ run: 'runs/line/001' }])
    const folds: { runs: unknown[] } = JSON.parse(
      (await nnlab(['runs', 'runs/line/cv-001', '--json'], { cwd })).stdout,
    )
    expect(folds.runs).toHaveLength(2)
  })

  it('gives the same bits whatever is trained at once, interrupted and resumed or not', async () => {
    const files = { 'nnlab.yaml': CONFIG.replace('epochs: 2', 'epochs: 400'), 'rows.csv': CSV }
    const whole = await folderOf(files)
    const one = await nnlab(['cv', '--folds', '3', '-j', '1', '--json', '--quiet'], { cwd: whole })
    expect(one).toMatchObject({ code: 0, stderr: '' })
    const sha256Of = async (cwd: string): Promise<string[]> =>
      Promise.all(
        [1, 2, 3].map(async (fold) => {
          const record = await readFile(join(cwd, `runs/line/cv-001/trials/fold-${fold}/run.json`), 'utf8')
          return /"weights_sha256": "(.*)"/.exec(record)?.[1] ?? ''
        }),
      )
    for (const jobs of ['1', '2', '3']) {
      const cwd = await folderOf(files)
      const signal = { after: 60, name: 'SIGINT' as const }
      const stopped = await nnlab(['cv', '--folds', '3', '-j', jobs, '--quiet'], { cwd, signal })
      expect(stopped).toEqual({ code: 130, stdout: '', stderr: expect.stringContaining('interrupted') })
      const [, command = ''] = /interrupted; resume with: nnlab (.*)\n/.exec(stopped.stderr) ?? []
      expect(command).toBe('cv --resume runs/line/cv-001')
      const resumed = await nnlab([...command.split(' '), '--json', '--quiet'], { cwd })
      expect(resumed).toMatchObject({ code: 0, stdout: one.stdout })
      expect(await sha256Of(cwd)).toEqual(await sha256Of(whole))
    }
    const again = await nnlab(['cv', '--resume', '--json', '--quiet'], { cwd: whole })
    expect(again).toMatchObject({ code: 0, stdout: one.stdout })
    const { metrics }: { metrics: object } = JSON.parse(one.stdout)
    const record: unknown = JSON.parse(await readFile(join(whole, 'runs/line/cv-001/cv.json'), 'utf8'))
    expect(record).toMatchObject({
      name: 'line',
      folds: 3,
      state: 'completed',
      metrics,
    })
  })

  it.each([
    ['--folds=40', 'split: {test: 0.2}', 'fold 25 of 40: '],
    ['--folds=3', 'split: {group: g}', 'fold 3 of 3: '],
  ])('refuses folds that are impossible before any is trained: %s', async (folds, split, message) => {
    const csv = CSV.trimEnd()
      .split('\n')
      .map((line, i) => `${line},${i === 0 ? 'g' : i % 2}\n`)
      .join('')
    const config = CONFIG.replace('split: {test: 0.2, validation: 0.5}', `features: {columns: [x]}, ${split}`)
    const cwd = await folderOf({ 'nnlab.yaml': config, 'rows.csv': csv })
    const { code, stderr } = await nnlab(['cv', folds], { cwd })
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(message) })
    expect(await readdir(cwd)).not.toContain('runs')
  })

  it('leaves no lock where a fold cannot be used', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    await nnlab(['cv', '--folds', '2', '--quiet'], { cwd })
    const trials = join(cwd, 'runs/line/cv-001/trials')
    await writeFile(join(trials, 'fold-1/run.json'), '{"format": 99}')
    expect(await nnlab(['cv', '--resume', 'runs/line/cv-001'], { cwd })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('was written by a newer nnlab') as unknown,
    })
    expect(await readdir(trials)).toEqual(['fold-1', 'fold-2'])
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
    [['cv', '--jobs', '-1'], 2, '--jobs: expected a whole number from 1 on'],
    [['cv', '--resume', 'none', '--set', 'seed=1'], 2, 'leave it out, or begin a new one with other values'],
    [['cv', '--resume', 'none'], 6, 'is not a cross-validation'],
    [['cv', '--resume'], 6, 'there is no cross-validation of line'],
    [['cv', '--folds', '1'], 2, '--folds: expected a whole number from 2 to 10000'],
    [['cv', '--folds', '9007199254740991'], 2, '--folds: expected a whole number from 2 to 10000'],
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
