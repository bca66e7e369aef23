import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Task } from '../../../src/step/task.ts'
import type { Tf } from '../../../src/engine/tfjs/backend.ts'
import { TfjsSession } from '../../../src/engine/tfjs/session.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import {
  batchSize,
  checkSessions,
  expectNear,
  order,
  regression,
  resultsOf,
  rows,
  stateOf,
  train,
} from '../conformance.ts'
import type { Results } from '../conformance.ts'
import { rowsFor, sessionCases } from '../session.cases.ts'
import { describeBackends, loadFixed, loadTimeout } from './backends.ts'

/** What the first backend makes of each case, for the others to agree with. */
const firstResults = new Map<string, Results>()

describeBackends((backend) => {
  let tf: Tf
  beforeAll(async () => {
    tf = await loadFixed(backend)
  }, loadTimeout)

  const open = (task: Task) => new TfjsSession(tf, task, initialWeights(task.graph, task.seed))

  checkSessions((task, weights) => new TfjsSession(tf, task, weights))

  describe.each(sessionCases)('$name', ({ name, task }) => {
    const encoded = rowsFor(task, rows)

    test('gives the same numbers as on the other backends', async () => {
      const session = open(task)
      const results = await resultsOf(session, encoded)
      session.dispose()
      expectNear(results, firstResults.get(name) ?? results)
      firstResults.set(name, firstResults.get(name) ?? results)
    })

    test('keeps no tensor but its weights and the state of its optimizer', async () => {
      const before = tf.memory().numTensors
      const session = open(task)
      const opened = tf.memory().numTensors
      for (let epoch = 0; epoch < 3; epoch++) {
        await train(session, encoded, 0, 3)
        await session.evaluate(encoded, batchSize)
        await session.predict(encoded, batchSize)
        const { weights, optimizer } = await stateOf(session)
        session.setWeights(weights)
        session.setOptimizer(optimizer)
        expect(tf.memory().numTensors).toBe(opened)
      }
      session.dispose()
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  test('stops before the update of a step whose loss is no number', async () => {
    const encoded = rowsFor(regression, rows)
    encoded.inputs[0]!.data[2 * order[5]!] = Infinity
    const session = open(regression)
    await train(session, encoded, 0, 1)
    const before = await stateOf(session)
    const trained = await train(session, encoded, 1, 2)
    expect(trained).toMatchObject({ divergedAt: 1, sums: { steps: 1 } })
    expect(await stateOf(session)).toEqual(before)
    session.dispose()
  })

  test('waits for the backend once a step', async () => {
    const session = open(regression)
    const reads = vi.spyOn(tf.engine(), 'readSync')
    await train(session, rowsFor(regression, rows), 0, 3)
    expect(reads).toHaveBeenCalledTimes(3)
    reads.mockRestore()
    session.dispose()
  })
})
