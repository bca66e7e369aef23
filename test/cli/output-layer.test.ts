import { join } from 'node:path'

import { expect, it } from 'vitest'

import { loadModel } from '../../src/run/model-files.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: net
data:
  type: csv
  path: rows.csv
  target: y
model:
  layers:
    - {type: dense, units: 3, activation: relu, name: code}
    - {type: dropout, rate: 0.5}
    - {type: dense, units: 2, activation: softmax, name: kind}
compile: {loss: categorical_crossentropy, optimizer: adam}
fit: {epochs: 2}
`
const ROWS = [
  [1, 2],
  [3, -1],
  [0, 0.5],
] as const

async function trained(): Promise<string> {
  const rows = ['a,b,y', ...ROWS.map(([a, b], i) => `${a},${b},${i % 2 ? 'left' : 'right'}`)].join('\n')
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': rows })
  expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

it('predict --output-layer writes the numbers of a layer under its name', async () => {
  const cwd = await trained()
  const { weights } = await loadModel(join(cwd, 'runs/net/001'))
  const [kernel = [], bias = []] = ['code/kernel', 'code/bias'].map((id) => [...(weights.get(id) ?? [])])
  const wanted = ROWS.map(([a, b]) =>
    bias.map((offset, k) => Math.max(0, a * (kernel[k] ?? NaN) + b * (kernel[3 + k] ?? NaN) + offset)),
  )
  const argv = ['predict', 'runs/net/001', 'rows.csv', '--quiet', '--output-layer', 'code']
  const csv = await nnlab([...argv, '--keep', 'y'], { cwd })
  const [title, ...lines] = csv.stdout.trimEnd().split('\n')
  expect(title).toBe('row,y,code_0,code_1,code_2')
  for (const [i, line] of lines.entries()) {
    const [row, y, ...numbers] = line.split(',')
    expect([row, y]).toEqual([String(i + 1), i % 2 ? 'left' : 'right'])
    for (const [k, number] of numbers.entries()) expect(Number(number)).toBeCloseTo(wanted[i]?.[k] ?? NaN, 5)
  }
  const jsonl = await nnlab([...argv, '--format', 'jsonl'], { cwd })
  expect(JSON.parse(jsonl.stdout.split('\n')[0] ?? '')).toEqual({
    row: 1,
    code: lines[0]?.split(',').slice(2).map(Number),
  })
})

it('predict --output-layer says which layers there are', async () => {
  const cwd = await trained()
  const { code, stderr } = await nnlab(['predict', 'runs/net/001', 'rows.csv', '--output-layer', 'cod'], {
    cwd,
  })
  expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean "code"?')])
})
