import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inMemory, windowsOf } from '../../../src/data/rows/row-set.ts'
import { Spool } from '../../../src/table/columns/spool.ts'
import { storeRows } from '../../../src/data/rows/stored-rows.ts'
import { randomPermutation, stream } from '../../../src/random.ts'
import { folderOf } from '../support.ts'
import type { EncodedRows } from '../../../src/data/rows/encoded-rows.ts'
import type { RowSet } from '../../../src/data/rows/row-set.ts'

/** Rows whose every number tells which row it is of. */
function encodedRowsOf(first: number, rows: number): EncodedRows {
  const numbers = (size: number) => Array.from({ length: rows * size }, (_, i) => (first * size + i) % 251)
  return {
    rows,
    inputs: [
      { name: 'pixels', shape: [3], data: Uint8Array.from(numbers(3)), scale: { multiply: 0.5, add: 1 } },
      { name: 'ids', shape: [1], data: Int32Array.from(numbers(1)) },
      { name: 'numbers', shape: [2, 2], data: Float32Array.from(numbers(4)) },
    ],
    targets: [
      { kind: 'classes', name: 'class', shape: [], data: Int32Array.from(numbers(1)) },
      { kind: 'numbers', name: 'value', shape: [2], data: Float32Array.from(numbers(2)) },
    ],
    sampleWeight: Float32Array.from(numbers(1)),
    sourceRow: Uint32Array.from({ length: rows }, (_, i) => first + i),
  }
}

/** What a split yields in an order, row by row. */
async function yielded(split: RowSet, order: Uint32Array, from: number, batchSize: number) {
  const rows: unknown[] = []
  const sizes: number[] = []
  const rowsAt = (first: number, end: number) => order.subarray(first, end)
  for await (const window of windowsOf(split, rowsAt, { from, batchSize })) {
    sizes.push(window.rows.length)
    for (const [i, row] of window.rows.entries()) {
      const at = window.order[i] ?? 0
      const { inputs, targets, sampleWeight, sourceRow } = window.encoded
      const cut = [...inputs, ...targets].map(({ name, data }) => {
        const size = data.length / window.encoded.rows
        return [name, ...data.subarray(at * size, (at + 1) * size)]
      })
      rows.push({ row, cut, weight: sampleWeight?.[at], source: sourceRow[at] })
    }
  }
  return { rows, sizes }
}

describe('rows on disk', () => {
  it('come in windows of whole batches, in the order asked for, as rows in memory do', async () => {
    const folder = await folderOf({})
    const options = fc.record({
      chunks: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      memory: fc.integer({ min: 1, max: 30_000 }),
      batchSize: fc.integer({ min: 1, max: 30 }),
      kind: fc.constantFrom('shuffled', 'in order', 'near'),
      start: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(options, async ({ chunks, memory, batchSize, kind, start }) => {
        const rows = chunks.reduce((sum, count) => sum + count, 0)
        const spool = new Spool(memory, folder)
        const starts = chunks.map((_, i) => chunks.slice(0, i).reduce((sum, count) => sum + count, 0))
        const split = storeRows(
          chunks.map((count, i) => encodedRowsOf(starts[i] ?? 0, count)),
          spool,
        )
        const identity = Uint32Array.from({ length: rows }, (_, i) => i)
        const order =
          kind === 'shuffled'
            ? randomPermutation(stream(0, 'test'), 0, rows)
            : kind === 'near'
              ? identity.map((row) => (row % 2 === 0 ? Math.min(row + 1, rows - 1) : row - 1))
              : identity
        const from = Math.floor((start * rows) / batchSize) * batchSize
        const found = await yielded(split, order, from, batchSize)
        const wanted = await yielded(inMemory(encodedRowsOf(0, rows)), order, from, batchSize)
        spool.close()
        expect(found.rows).toEqual(wanted.rows)
        for (const size of found.sizes.slice(0, -1)) expect(size % batchSize).toBe(0)
      }),
    )
  })

  it('stay in memory where a window has room for all', async () => {
    const folder = await folderOf({})
    const spool = new Spool(1e6, folder)
    onTestFinished(() => spool.close())
    const split = storeRows([encodedRowsOf(0, 5), encodedRowsOf(5, 5)], spool)
    expect(split.whole).toEqual(encodedRowsOf(0, 10))
    expect(spool.files).toEqual([])
  })

  it('use the memory of a window again when it is released', async () => {
    const folder = await folderOf({})
    const spool = new Spool(1000, folder)
    onTestFinished(() => spool.close())
    const split = storeRows([encodedRowsOf(0, 100)], spool)
    const [first, second] = [
      await split.window(Uint32Array.of(1, 2)),
      await split.window(Uint32Array.of(3, 4)),
    ]
    split.release(first)
    const third = await split.window(Uint32Array.of(5))
    const buffers = [first, second, third].map(({ encoded }) => encoded.inputs[0]?.data.buffer)
    expect(buffers[2]).toBe(buffers[0])
    expect(buffers[1]).not.toBe(buffers[0])
  })
})
