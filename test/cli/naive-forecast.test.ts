import { expect, it } from 'vitest'

import { draws } from '../experiment/starter/draws.ts'
import { folderOf, nnlab } from './support.ts'

const config = (targetSteps: number): string => `
data:
  type: csv
  path: rows.csv
  target: {column: y, scale: standard}
  features: {columns: [y], scale: standard}
  window: {steps: 6, horizon: 1, target_steps: ${targetSteps}}
  split: {test: 0.2, shuffle: false}
model:
  layers:
    - flatten
    - {type: dense, units: ${targetSteps}, kernel_initializer: zeros}
compile: {loss: mse, optimizer: {type: sgd, learning_rate: 0.0001}}
fit: {epochs: 1}
`
const draw = draws('noise')
let level = 0
const season = (i: number): number => 1 + ((i * 7) % 4)
const walk = (): number => (level += draw.below(100) - 50)
const noise = (): number => draw.below(100)

it.each([
  ['a season', season, 1, 'repeating the value of 4 rows before'],
  ['a season, steps ahead', season, 2, 'repeating the value of 4 rows before'],
  ['a random walk', walk, 1, 'repeating the last value'],
  ['noise, of which the mean is the best forecast', noise, 1, undefined],
])('training tells whether a forecast is any good: %s', async (_, series, targetSteps, naive) => {
  const rows = Array.from({ length: 200 }, (_, i) => `${series(i)}\n`)
  const cwd = await folderOf({ 'nnlab.yaml': config(targetSteps), 'rows.csv': `y\n${rows.join('')}` })
  const { code, stderr } = await nnlab(['train'], { cwd })
  expect(code, stderr).toBe(0)
  const note = `note: the forecast of "y" is no better than ${naive}: its mean_absolute_error is`
  if (naive === undefined) expect(stderr).not.toContain('forecast')
  else expect(stderr).toContain(note)
})
