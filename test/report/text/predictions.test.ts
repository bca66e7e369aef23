import { expect, it } from 'vitest'

import { PredictionWriter } from '../../../src/report/text/predictions.ts'
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

it.each([
  [false, '=cmd|x\n2,-1.5\n3,"@a, b"\n4,+ok\n5,\tx\n6,plain\n'],
  [true, "'=cmd|x\n2,-1.5\n3,\"'@a, b\"\n4,'+ok\n5,'\tx\n6,plain\n"],
])('csv escapes what a spreadsheet would take for a formula: %s', (escapes, expected) => {
  let written = ''
  const writer = new PredictionWriter(
    { format: 'csv', digits: 7, escapeFormulas: escapes },
    (text) => void (written += text),
  )
  writer.write([predictions], Uint32Array.from(classes.keys()), [])
  expect(written).toBe(`row,prediction\n1,${expected}`)
})

it.each([
  [3, '0.333', '123000', '0.1'],
  [7, '0.3333333', '123456.8', '0.1'],
  ['full', '0.3333333432674408', '123456.7890625', '0.10000000149011612'],
] as const)('writes %s digits', (digits, ...expected) => {
  const values = Float32Array.of(1 / 3, 123456.789, 0.1)
  const numbers: Predictions = { kind: 'numbers', name: 'y', columns: ['y'], values, size: 1 }
  const shares: Predictions = {
    ...predictions,
    classes: ['a'],
    indices: new Int32Array(3),
    probabilities: values,
  }
  for (const outputs of [[numbers], [shares]]) {
    const written = { csv: '', json: '' }
    for (const format of ['csv', 'json'] as const) {
      const writer = new PredictionWriter(
        { format, digits, escapeFormulas: false },
        (text) => void (written[format] += text),
      )
      writer.write(outputs, Uint32Array.of(0, 1, 2), [])
      writer.end()
    }
    const lines = written.csv.trimEnd().split('\n').slice(1)
    expect(lines.map((line) => line.split(',').at(-1))).toEqual(expected)
    expect(written.json.match(/[\d.]+(?=\}+[,\]])/g)).toEqual(expected)
  }
})
