import { afterEach, expect, test, vi } from 'vitest'

import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import type { Task } from '../../../src/step/task.ts'
import { resultsOf, rows } from '../conformance.ts'
import type { Results } from '../conformance.ts'
import { rowsFor, taskOf } from '../session.cases.ts'

afterEach(() => vi.restoreAllMocks())

const engine = openCompiledEngine({ arithmetic: 'mul_add', threads: 1 })
const model = (units: number): Task =>
  taskOf(
    {
      input: [5],
      layers: [
        { type: 'dense', units, activation: 'tanh' },
        { type: 'dropout', rate: 0.3 },
        { type: 'dense', units: 1 },
      ],
    },
    { loss: 'mean_squared_error', optimizer: 'adam' },
  )

/** What a session gives for a task, and how many modules it made. */
async function opened(task: Task): Promise<{ results: Results; modules: number }> {
  const made = vi.spyOn(WebAssembly, 'Module')
  const session = engine.open(task, initialWeights(task.graph, 1))
  const results = await resultsOf(session, rowsFor(task, rows))
  session.dispose()
  const modules = made.mock.calls.length
  made.mockRestore()
  return { results, modules }
}

test('a model that is opened again makes no module, and has the same bits', async () => {
  const first = await opened(model(19))
  expect(first.modules).toBeGreaterThan(0)
  const again = await opened(model(19))
  expect(again).toEqual({ results: first.results, modules: 0 })
})

test('another seed has modules of its own', async () => {
  const first = await opened(model(23))
  const other = await opened({ ...model(23), seed: 4 })
  expect(other.modules).toBe(first.modules)
  expect(other.results).not.toEqual(first.results)
})
