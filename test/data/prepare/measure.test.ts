import { expect, it } from 'vitest'
import { classCount } from '../../../src/data/prepare/measure.ts'
import { readData } from '../../../src/data/prepare/read-data.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { classes, folderOf, oneInput } from '../support.ts'

it('more labels than a function takes arguments are refused where they are no class indices', async () => {
  const rows = Array.from({ length: 130_000 }, (_, i) => `${i},${i + 0.5}\n`)
  const directory = await folderOf({ 'rows.csv': `x,y\n${rows.join('')}` })
  const spec = DataSpec.parse({ type: 'csv', path: 'rows.csv', target: 'y' })
  const read = await readData(spec, { directory })
  const ports = { inputs: oneInput(1), outputs: classes(1) }
  expect(() => classCount(read, ports, 'output')).toThrow(
    'rows.csv: the labels in y are not class indices from 0 or 1 on: 0.5, 1.5, 2.5, 3.5, 4.5',
  )
})
