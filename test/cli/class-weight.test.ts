import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const CSV = `x,kind,size\n${Array.from({ length: 60 }, (_, i) => `${(i * 7) % 23},${'abb'[i % 3]},${(i * 5) % 11}`).join('\n')}\n`
const CONFIG = `
data: {type: csv, path: rows.csv, features: {columns: [x], scale: standard}, targets: {kind: kind, size: size}}
model:
  layers:
    - {type: dense, units: 4, activation: tanh, name: h}
    - {type: dense, units: 2, activation: softmax, name: kind}
    - {type: dense, units: 1, name: size, from: h}
  outputs: [kind, size]
compile:
  loss: {kind: categorical_crossentropy, size: mse}
  optimizer: adam
  metrics: {kind: [accuracy], size: [mae]}
fit: {epochs: 4, batch_size: 16}
`

async function lossesWith(...args: readonly string[]): Promise<Record<string, number>> {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
  const { stdout, code } = await nnlab(['train', '--json', '--quiet', ...args], { cwd })
  expect(code).toBe(0)
  const { metrics }: { metrics: Record<string, number> } = JSON.parse(stdout)
  return metrics
}

describe.each(['compiled', 'tfjs'])('class_weight of one of several outputs, engine %s', (engine) => {
  const train = (...args: readonly string[]) => lossesWith('--engine', engine, ...args)

  it('weighs the loss of that output, and no other', async () => {
    const off = await train('--set=fit.class_weight={kind: {a: 0, b: 0}}')
    const unweighted = await train('--set=compile.loss_weights={kind: 0}')
    expect(off['kind_loss']).toBe(0)
    expect(unweighted['kind_loss']).toBeGreaterThan(0)
    expect(off['size_loss']).toBeCloseTo(unweighted['size_loss'] ?? NaN, 5)
    expect(off['loss']).toBeCloseTo(off['size_loss'] ?? NaN, 5)
  })

  it('balances its classes', async () => {
    // 20 rows of a, 40 of b.
    const balanced = await train('--set=fit.class_weight={kind: balanced}')
    const written = await train('--set=fit.class_weight={kind: {a: 1.5, b: 0.75}}')
    expect(balanced).toEqual(written)
  })
})
