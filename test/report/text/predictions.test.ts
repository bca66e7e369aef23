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

it('csv names the columns of several outputs, steps and targets, and of what training did not see', async () => {
  const days: Predictions = {
    kind: 'classes',
    name: 'days',
    classes: ['wet', 'dry'],
    indices: Int32Array.of(0, 1, 1, 0),
    steps: 2,
    probabilities: undefined,
  }
  const place: Predictions = {
    kind: 'numbers',
    name: 'place',
    columns: ['lat', 'lon'],
    values: Float32Array.of(1, 2, 3, 4),
    size: 2,
  }
  const batch: PredictionBatch = {
    ...batchOf([days, place], 2),
    sourceRow: Uint32Array.of(0, 5),
    kept: [{ name: 'id', values: ['a', 'b'] }],
    targets: new Map([['place', { values: [5, 6, 7, undefined], size: 2 }]]),
    unseen: [
      { column: 'town', values: new Map([[5, 'Rome']]) },
      { column: 'line', values: new Map([[5, 'U7']]) },
    ],
  }
  expect((await textOf([batch])).split('\n')).toEqual([
    'row,id,days_prediction_1,days_prediction_2,place_prediction_lat,place_prediction_lon,' +
      'place_target_lat,place_target_lon,unseen',
    '1,a,wet,dry,1,2,5,6,',
    '6,b,dry,wet,3,4,7,,town=Rome line=U7',
    '',
  ])
})

it('csv numbers the units of a layer from 0, and values without names of their own from 1', async () => {
  const values: Predictions = {
    kind: 'numbers',
    name: 'hidden',
    columns: ['y'],
    values: Float32Array.of(1, 2, 3, 4),
    size: 2,
  }
  const batch = batchOf([values], 2)
  expect(await textOf([{ ...batch, layer: true }])).toBe('row,hidden_0,hidden_1\n1,1,2\n2,3,4\n')
  expect(await textOf([batch])).toBe('row,prediction_1,prediction_2\n1,1,2\n2,3,4\n')
})
