import { beforeAll, describe, test } from 'vitest'
import { relaxedSimd } from '../../../src/backend/wasm/assembler/features.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { openTfjsEngine } from '../../../src/engine/tfjs/engine.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { checkSessions, expectNear, resultsOf, rows } from '../conformance.ts'
import { rowsFor, sessionCases } from '../session.cases.ts'

let tfjs: Engine
beforeAll(async () => {
  tfjs = await openTfjsEngine({ backend: 'cpu' })
})

describe.each([['mul_add', 1], ['mul_add', 3], ...(relaxedSimd() ? ([['fma', 1]] as const) : [])] as const)(
  '%s on %i threads',
  (arithmetic, threads) => {
    const engine = openCompiledEngine({ arithmetic, threads })

    checkSessions((task, weights) => engine.open(task, weights), sessionCases)

    test.each(sessionCases)('$name: gives the same numbers as TensorFlow.js', async ({ task }) => {
      const encoded = rowsFor(task, rows)
      const [found, wanted] = await Promise.all(
        [engine, tfjs].map(async (each) => {
          const session = each.open(task, initialWeights(task.graph, task.seed))
          const results = await resultsOf(session, encoded)
          session.dispose()
          return results
        }),
      )
      expectNear(found ?? new Map(), wanted ?? new Map())
    })
  },
)
