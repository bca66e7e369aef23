import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const targets = Array.from({ length: 40 }, (_, i) => ((i * 7) % 21) / 20)
const CSV = `x,y\n${targets.map((y, i) => `${((i * 3) % 10) / 10},${y}`).join('\n')}\n`
const CONFIG = `
data: {type: csv, path: rows.csv, target: y}
model: {layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 2, batch_size: 8}
`

describe('targets between 0 and 1 for binary_crossentropy', () => {
  it.each(['compiled', 'tfjs'])('are compared as probabilities, engine %s', async (engine) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    const trained = await nnlab(['train', '--run-dir', 'r', '--engine', engine], { cwd })
    expect(trained.code).toBe(0)
    expect(trained.stderr).toContain('y: numbers from 0 to 1, which are compared as probabilities')
    const evaluated = await nnlab(['evaluate', 'r', '--data', 'rows.csv', '--json'], { cwd })
    const { metrics }: { metrics: { loss: number } } = JSON.parse(evaluated.stdout)
    const predicted = await nnlab(['predict', 'r', 'rows.csv', '--json'], { cwd })
    const rows: { prediction: number }[] = JSON.parse(predicted.stdout)
    const losses = rows.map(({ prediction: p }, i) => {
      const y = targets[i] ?? NaN
      return -y * Math.log(p) - (1 - y) * Math.log(1 - p)
    })
    expect(metrics.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / losses.length, 5)
  })

  it('are labels where none lies between', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV.replaceAll(/,0\.\d+/g, ',1') })
    expect((await nnlab(['train', '--run-dir', 'r', '--quiet'], { cwd })).code).toBe(0)
    const predicted = await nnlab(['predict', 'r', 'rows.csv'], { cwd })
    expect(predicted.stdout).toMatch(/^row,prediction,p_0,p_1,target\n/)
  })

  it('are refused beyond', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': `${CSV}0.1,1.5\n` })
    expect((await nnlab(['train'], { cwd })).code).toBe(4)
  })
})
