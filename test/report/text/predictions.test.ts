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
  const writer = new PredictionWriter('csv', escapes, (text) => void (written += text))
  writer.write([predictions], Uint32Array.from(classes.keys()), [])
  expect(written).toBe(`row,prediction\n1,${expected}`)
})
