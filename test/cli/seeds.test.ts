import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: line
seed: 9
data: {type: csv, path: rows.csv, target: y, features: {scale: standard}, split: {test: 0.2, validation: 0.2}}
model: {input: [1], layers: [{type: dense, units: 4, activation: tanh}, {type: dropout, rate: 0.5}, {type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: adam, metrics: [mean_absolute_error]}
fit: {epochs: 2, batch_size: 8}
`
const CSV = `x,y\n${Array.from({ length: 30 }, (_, i) => `${i / 10},${(i * 7) % 11}`).join('\n')}\n`

type Seeds = {
  run: string
  seeds: number
  runs: { seed: number; run: string; weights_sha256: string; metrics: Record<string, number> }[]
  metrics: Record<string, { mean: number; deviation: number }>
  test: Record<string, unknown>
}

describe('train --seeds', () => {
  it('trains each seed to the bits of its own run, and prints the mean and deviation of every metric', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { code, stdout } = await nnlab(['train', '--seeds', '3', '--json', '--quiet'], { cwd })
    expect(code).toBe(0)
    const result: Seeds = JSON.parse(stdout)
    expect(result).toMatchObject({ run: 'runs/line/seeds-001', seeds: 3, warnings: [] })
    expect(result.runs.map(({ seed, run }) => [seed, run])).toEqual([
      [9, 'runs/line/seeds-001/trials/seed-09'],
      [10, 'runs/line/seeds-001/trials/seed-10'],
      [11, 'runs/line/seeds-001/trials/seed-11'],
    ])
    for (const { seed, metrics, weights_sha256 } of result.runs) {
      const alone = await nnlab(['train', '--set', `seed=${seed}`, '--json', '--quiet'], { cwd })
      expect(JSON.parse(alone.stdout)).toMatchObject({ metrics, weights_sha256 })
    }
    const losses = result.runs.map(({ metrics }) => metrics['val_loss'] ?? NaN)
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / 3
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / 2)
    expect(result.metrics['val_loss']?.mean).toBeCloseTo(mean, 12)
    expect(result.metrics['val_loss']?.deviation).toBeCloseTo(deviation, 12)
    expect(Object.keys(result.test)).toEqual(['loss', 'mean_absolute_error'])
  })

  it('gives the same bits interrupted and resumed, whatever is trained at once', async () => {
    const files = { 'nnlab.yaml': CONFIG.replace('epochs: 2', 'epochs: 400'), 'rows.csv': CSV }
    const whole = await folderOf(files)
    const all = await nnlab(['train', '--seeds', '3', '-j', '1', '--json', '--quiet'], { cwd: whole })
    expect(all).toMatchObject({ code: 0, stderr: '' })
    for (const jobs of ['1', '3']) {
      const cwd = await folderOf(files)
      const signal = { after: 60, name: 'SIGINT' as const }
      const stopped = await nnlab(['train', '--seeds', '3', '-j', jobs, '--quiet'], { cwd, signal })
      expect(stopped).toEqual({ code: 130, stdout: '', stderr: expect.stringContaining('interrupted') })
      const [, command = ''] = /interrupted; resume with: nnlab (.*)\n/.exec(stopped.stderr) ?? []
      expect(command).toBe('train --resume runs/line/seeds-001')
      const resumed = await nnlab([...command.split(' '), '--json', '--quiet'], { cwd })
      expect(resumed).toMatchObject({ code: 0, stdout: all.stdout })
    }
    const again = await nnlab(['train', '--seeds', '3', '--resume', '--json', '--quiet'], { cwd: whole })
    expect(again).toMatchObject({ code: 0, stdout: all.stdout })
    const record: unknown = JSON.parse(await readFile(join(whole, 'runs/line/seeds-001/seeds.json'), 'utf8'))
    expect(record).toMatchObject({ name: 'line', seeds: [9, 10, 11], state: 'completed' })
  })

  it('splits the rows by the seed of each run, unless data.split.seed holds the split', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    /** The fitted means of the training rows, which differ as those do. */
    const meansWith = async (set: readonly string[]): Promise<Set<string>> => {
      const { stdout } = await nnlab(['train', '--seeds', '2', ...set, '--json', '--quiet'], { cwd })
      const { runs }: Seeds = JSON.parse(stdout)
      const models = runs.map(({ run }) => readFile(join(cwd, run, 'model/model.json'), 'utf8'))
      return new Set((await Promise.all(models)).map((model) => /"subtract":([^,]+)/.exec(model)?.[1] ?? ''))
    }
    expect((await meansWith([])).size).toBe(2)
    expect((await meansWith(['--set', 'data.split.seed=1'])).size).toBe(1)
  })

  it('prints a table', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const { stdout, stderr } = await nnlab(['train', '--seeds', '2'], { cwd, columns: 80 })
    expect(stdout).toContain('line with 2 seeds, 9 to 10')
    expect(stdout).toMatch(/┃ Metric +┃ +Mean ┃ Deviation ┃ Lowest ┃ Highest ┃/)
    expect(stdout).toMatch(/│ val_mean_absolute_error +│ +\d\.\d{3} │/)
    expect(stdout).toContain('saved in runs/line/seeds-001; `nnlab runs runs/line/seeds-001` lists the runs')
    expect(stderr).toContain('seed 9 (1 of 2) is complete: loss ')
  })

  it.each([
    [['--seeds', '1'], 2, '--seeds: expected a whole number from 2 to 10000'],
    [['--seeds', '1000000000'], 2, '--seeds: expected a whole number from 2 to 10000'],
    [['--seeds', '2', '--jobs', '-1'], 2, '--jobs: expected a whole number from 1 on'],
    [['--seeds', '2', '--run-dir', 'here'], 2, '--seeds and --run-dir are mutually exclusive'],
    [['--seeds', '2', '--update'], 2, '--seeds and --update are mutually exclusive'],
    [['--seeds', '2', '--resume', 'none'], 6, 'is not a training with several seeds: it has no seeds.json'],
    [['--seeds', '2', '--resume'], 6, 'there is no training with several seeds of line'],
    [['--seeds', '2', '--set', 'data.path=none.csv'], 4, 'none.csv: there is no such file'],
  ])('%j is refused', async (argv, code, message) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const ran = await nnlab(['train', ...argv], { cwd })
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(message)
  })
})
