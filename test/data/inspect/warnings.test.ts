import { expect, it } from 'vitest'
import { Split } from '../../../src/components/sources/options/split.ts'
import { dataWarnings } from '../../../src/data/inspect/warnings.ts'
import type { Column, Table } from '../../../src/table/table.ts'

/** How often the roles of columns are read for the warnings about that many of them. */
function readsFor(count: number): number {
  let reads = 0
  const columns: Column[] = Array.from({ length: count }, (_, i) => ({
    kind: 'number',
    name: i === 0 ? 'y' : `x${i}`,
    values: Float64Array.of(0, i % 7, 1, i % 5),
  }))
  const table: Table = { name: 't', rows: 4, columns, place: (row) => `row ${row}` }
  const profiles = columns.map(({ name }, i) => ({
    name,
    kind: 'number' as const,
    missing: 0,
    get role() {
      reads += 1
      return i === 0 ? ('target' as const) : ('feature' as const)
    },
  }))
  dataWarnings({
    selection: {
      inputs: [
        {
          path: ['data', 'features'],
          exclude: [],
          encoding: { scale: 'none', oneHot: [], unseen: 'ignore', transforms: {}, then: {} },
        },
      ],
      targets: [{ path: ['data', 'target'], columns: ['y'], scale: 'none' }],
      missing: 'error',
      keys: [],
    },
    split: Split.parse({}),
    table,
    sample: table,
    profiles,
    isWeighed: false,
    preprocessing: undefined,
    labels: new Map(),
    scaledInputs: new Set(),
    divided: new Map(),
  })
  return reads
}

it('looks at each column a fixed number of times, however many there are', () => {
  expect(readsFor(400)).toBeLessThan(5 * readsFor(100))
})
