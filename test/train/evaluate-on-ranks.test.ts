import { expect, it } from 'vitest'

import { pickRows } from '../../src/data/rows/picked-rows.ts'
import { inOrder } from '../../src/data/rows/in-order.ts'
import { inMemory } from '../../src/data/rows/row-set.ts'
import type { RowSet } from '../../src/data/rows/row-set.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { Members } from '../../src/engine/compiled/members.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { evaluateOnRanks, evaluateRows } from '../../src/train/evaluate.ts'
import { localRanks } from '../engine/local-ranks.ts'
import { rowsFor, taskOf } from '../engine/session.cases.ts'

const task = taskOf(
  { input: [5], layers: [{ type: 'dense', units: 3, activation: 'softmax' }] },
  { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy', 'precision'] },
)
const ROWS = 43
const [BATCH, WINDOW] = [4, 9]
const encoded = {
  ...rowsFor(task, ROWS),
  sampleWeight: Float32Array.from({ length: ROWS }, (_, i) => 0.1 + i),
}

/** Rows on disk; notes those that are read. */
function rowsOnDisk(read: number[]): RowSet {
  return {
    rows: ROWS,
    whole: undefined,
    windowRows: WINDOW,
    release: () => undefined,
    window(rows) {
      read.push(...rows)
      return Promise.resolve({ encoded: pickRows(encoded, rows), order: inOrder(0, rows.length), rows })
    },
  }
}

const engine = openCompiledEngine({ arithmetic: 'mul_add', threads: 1, members: new Members(0) })
const open = () => engine.open(task, initialWeights(task.graph, task.seed))

it.each([2, 5, 13])('%i ranks get the sums of one, each from rows of its own', async (size) => {
  const alone = open()
  const wanted = await evaluateRows(alone, inMemory(encoded), BATCH)
  alone.dispose()
  for (const place of ['memory', 'disk']) {
    const reads = localRanks(size).map((): number[] => [])
    const found = await Promise.all(
      localRanks(size).map(async (ranks) => {
        const session = open()
        const set = place === 'disk' ? rowsOnDisk(reads[ranks.rank] ?? []) : inMemory(encoded)
        const sums = await evaluateOnRanks(session, set, BATCH, ranks)
        session.dispose()
        return sums
      }),
    )
    for (const sums of found) expect(sums).toEqual(wanted)
    if (place === 'memory' || size > Math.ceil(ROWS / BATCH)) continue
    expect(reads.flat()).toEqual([...inOrder(0, ROWS)])
    expect(Math.max(...reads.map(({ length }) => length))).toBeLessThanOrEqual(
      BATCH * Math.ceil(Math.ceil(ROWS / BATCH) / size),
    )
  }
})
