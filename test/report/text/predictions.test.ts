import { expect, it } from 'vitest'

import type { PredictionBatch } from '../../../src/experiment/prediction-batch.ts'
import { predictionText } from '../../../src/report/text/predictions.ts'
import type { PredictionStyle } from '../../../src/report/text/predictions.ts'
import type { Predictions } from '../../../src/runtime/predictions.ts'

const classes = ['=cmd|x', '-1.5', '@a, b', '+ok', '\tx', 'plain']
const predictions: Predictions = {
  kind: 'classes',
  name: 'label',
  classes,
  indices: Int32Array.from(classes.keys()),
  steps: 1,
  probabilities: undefined,
}

const batchOf = (outputs: readonly Predictions[], rows: number): PredictionBatch => ({
  model: '/here/runs/x/001',
  outputs,
  sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
  kept: [],
  targets: new Map(),
  unseen: [],
})

async function textOf(
  batches: readonly PredictionBatch[],
  style: Partial<PredictionStyle> = {},
): Promise<string> {
  const given = (async function* () {
    for (const batch of batches) yield await Promise.resolve(batch)
  })()
  let text = ''
  const plain = { format: 'csv', digits: 7, escapeFormulas: false, cwd: '/here' } as const
  for await (const part of predictionText(given, { ...plain, ...style })) text += part
  return text
}

it.each([
  [false, '=cmd|x\n2,-1.5\n3,"@a, b"\n4,+ok\n5,\tx\n6,plain\n'],
  [true, "'=cmd|x\n2,-1.5\n3,\"'@a, b\"\n4,'+ok\n5,'\tx\n6,plain\n"],
])('csv escapes what a spreadsheet would take for a formula: %s', async (escapes, expected) => {
  const batch = batchOf([predictions], classes.length)
  const written = await textOf([batch], { escapeFormulas: escapes })
  expect(written).toBe(`row,prediction\n1,${expected}`)
})

it.each([
  [3, '0.333', '123000', '0.1'],
  [7, '0.3333333', '123456.8', '0.1'],
  ['full', '0.3333333432674408', '123456.7890625', '0.10000000149011612'],
] as const)('writes %s digits', async (digits, ...expected) => {
  const values = Float32Array.of(1 / 3, 123456.789, 0.1)
  const numbers: Predictions = { kind: 'numbers', name: 'y', columns: ['y'], values, size: 1 }
  const shares: Predictions = {
    ...predictions,
    classes: ['a'],
    indices: new Int32Array(3),
    probabilities: values,
  }
  for (const outputs of [[numbers], [shares]]) {
    const batches = [batchOf(outputs, 3)]
    const csv = await textOf(batches, { digits })
    const lines = csv.trimEnd().split('\n').slice(1)
    expect(lines.map((line) => line.split(',').at(-1))).toEqual(expected)
    const json = await textOf(batches, { digits, format: 'jsonl' })
    expect(json.match(/[\d.]+(?=\}+\n)/g)).toEqual(expected)
  }
})
