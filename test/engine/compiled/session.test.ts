import { describe, test } from 'vitest'
import { relaxedSimd } from '../../../src/backend/wasm/assembler/features.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { openTfjsEngine } from '../../../src/engine/tfjs/engine.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { once } from '../../../src/once.ts'
import type { Task } from '../../../src/step/task.ts'
import { checkSessions, expectNear, resultsOf, rows } from '../conformance.ts'
import type { Results } from '../conformance.ts'
import { rowsFor, sessionCases } from '../session.cases.ts'

async function resultsOn(engine: Engine, task: Task): Promise<Results> {
  const session = engine.open(task, initialWeights(task.graph, task.seed))
  const results = await resultsOf(session, rowsFor(task, rows))
  session.dispose()
  return results
}

const openTfjs = once(() => openTfjsEngine({ backend: 'cpu' }))
const cases = sessionCases.map(({ name, task }) => ({
  name,
  task,
  onTfjs: once(async () => resultsOn(await openTfjs(), task)),
}))

describe.each([['mul_add', 1], ['mul_add', 3], ...(relaxedSimd() ? ([['fma', 1]] as const) : [])] as const)(
  '%s on %i threads',
  (arithmetic, threads) => {
    const engine = openCompiledEngine({ arithmetic, threads })

    checkSessions((task, weights) => engine.open(task, weights), sessionCases)

    test.each(cases)('$name: gives the same numbers as TensorFlow.js', async ({ task, onTfjs }) => {
      expectNear(await resultsOn(engine, task), await onTfjs())
    })
  },
)
