import { describe, expect, test } from 'vitest'
import type { Task } from '../../src/step/task.ts'
import { openEngine } from '../../src/engine/select.ts'
import { taskOf } from './session.cases.ts'

const options = { arithmetic: 'mul_add', threads: 1, backend: 'cpu' } as const

function taskWith(...layers: unknown[]): Task {
  return taskOf(
    { input: [800, 1], layers: [...layers, 'flatten', { type: 'dense', units: 1 }] },
    { loss: 'mean_squared_error', optimizer: 'sgd' },
  )
}

const small = taskWith()
/** Unrolls into more operations than can be compiled in good time. */
const long = taskWith(
  { type: 'activation', activation: 'tanh' },
  { type: 'simple_rnn', name: 'many', units: 1 },
)
const why =
  /^the layer many \(simple_rnn\) is not compiled yet: the network up to it takes more than \d+ operations/

describe('openEngine', () => {
  test.each(['auto', 'compiled'] as const)('%s is the compiled engine for what it can do', async (engine) => {
    const chosen = await openEngine({ ...options, engine }, small)
    expect(chosen).toMatchObject({ engine: { name: 'compiled', arithmetic: 'mul_add' } })
    expect(chosen.note).toBeUndefined()
  })

  test('auto is TensorFlow.js for anything else, and says which layer is why', async () => {
    const { engine, note } = await openEngine({ ...options, engine: 'auto' }, long)
    expect(engine.name).toBe('tfjs')
    expect(note).toMatch(why)
    expect(note).not.toContain('\n')
  })

  test('compiled refuses what it cannot do', async () => {
    await expect(openEngine({ ...options, engine: 'compiled' }, long)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('the layer many (simple_rnn) is not compiled yet') as unknown,
    })
  })

  test('tfjs is TensorFlow.js, whatever the network', async () => {
    const chosen = await openEngine({ ...options, engine: 'tfjs' }, small)
    expect(chosen).toMatchObject({ engine: { name: 'tfjs', arithmetic: 'cpu' } })
  })
})
