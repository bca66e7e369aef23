import { describe, expect, test } from 'vitest'
import type { Task } from '../../../src/step/task.ts'
import type { EncodedRows } from '../../../src/data/rows/encoded-rows.ts'
import { Arena } from '../../../src/engine/compiled/arena.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import type { Session } from '../../../src/engine/engine.ts'
import { DataError } from '../../../src/errors.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { taskOf } from '../session.cases.ts'

const engine = openCompiledEngine({ arithmetic: 'mul_add', threads: 1 })

function denseOf(inputs: number, units: number): Task {
  return taskOf(
    { input: [inputs], layers: [{ type: 'dense', units, activation: 'relu' }] },
    { loss: 'mean_squared_error', optimizer: 'sgd' },
  )
}

function open(task: Task): Session {
  return engine.open(task, initialWeights(task.graph, task.seed))
}

/** Rows whose bytes are never touched, so that they take no memory. */
function untouched(rows: number, size: number): EncodedRows {
  const inputs = ['left', 'right'].map((name) => ({ name, shape: [size], data: new Uint8Array(rows * size) }))
  return { rows, inputs, targets: [], sourceRow: new Uint32Array() }
}

async function refusal(work: () => Promise<unknown> | void): Promise<DataError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('what does not fit 4 GiB', () => {
  test('a data set', async () => {
    const session = open(denseOf(1000, 1))
    const { message, hint } = await refusal(() => session.load(untouched(2_250_000, 1000)))
    expect(message).toBe(
      'a data set of 2250000 rows does not fit: with all that is in memory it takes 4.5 GB, and the compiled engine has 4.29 GB',
    )
    expect(hint).toBe('use fewer rows, a smaller network or fit.batch_size, or engine tfjs')
    session.dispose()
  })

  test('a network', async () => {
    const { message } = await refusal(() => void engine.open(denseOf(40_000, 40_000), new Map()))
    expect(message).toMatch(/^the network does not fit: .* 6\.4 GB/)
  })

  test('a batch', async () => {
    const task = denseOf(1, 1000)
    const session = open(task)
    const rows = 1_200_000
    const { message } = await refusal(() => session.predict(untouched(rows, 1), rows))
    expect(message).toMatch(/^the network with batches of 1200000 rows does not fit: .* GB/)
    session.dispose()
  })
})

describe('Arena', () => {
  test('lays blocks out one after another, on cache lines, and takes the last ones back', () => {
    const arena = new Arena(100)
    const first = arena.allocate(10, 'a block')
    expect(first % 64).toBe(0)
    expect(first).toBeGreaterThanOrEqual(100)
    const mark = arena.top
    const second = arena.allocate(3, 'a block')
    expect(second).toBe(mark)
    arena.release(mark)
    expect(arena.allocate(1_000_000, 'a block')).toBe(second)
    expect(arena.memory.buffer.byteLength).toBeGreaterThanOrEqual(second + 1_000_000)
  })

  test('asks for large pages once, before anything is written to them, and ends on whole ones', () => {
    const asked: number[] = []
    const arena = new Arena(0, ({ buffer }) => asked.push(buffer.byteLength))
    arena.allocate(1_000_000, 'a block')
    expect(asked).toEqual([])
    for (let i = 0; i < 5; i++) arena.allocate(1_500_000, 'a block')
    expect(asked).toEqual([2 ** 22])
    expect(arena.memory.buffer.byteLength).toBe(5 * 2 ** 21)
  })

  test('holds what is written to a block', () => {
    const arena = new Arena(0)
    const address = arena.allocate(8, 'a block')
    arena.write(address, Int32Array.of(3, -4))
    expect([...arena.integers(address, 2)]).toEqual([3, -4])
  })
})
