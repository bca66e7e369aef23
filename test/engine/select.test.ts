import { describe, expect, test } from 'vitest'
import type { Task } from '../../src/step/task.ts'
import { openEngine } from '../../src/engine/select.ts'
import { taskOf } from './session.cases.ts'

const options = { arithmetic: 'mul_add', threads: 1, backend: 'cpu' } as const

function taskWith(...layers: unknown[]): Task {
  return taskOf(
    { input: [4, 4, 4, 1], layers: [...layers, 'flatten', { type: 'dense', units: 1 }] },
    { loss: 'mean_squared_error', optimizer: 'sgd' },
  )
}

const small = taskWith()
/** Holds an operation that no kernel computes. */
const solid = taskWith(
  { type: 'activation', activation: 'tanh' },
  { type: 'conv3d', name: 'cube', filters: 1, kernel_size: 2 },
)
const why = /^the layer cube \(conv3d\) is not compiled yet: convolution over 3 axes/

describe('openEngine', () => {
  test.each(['auto', 'compiled'] as const)('%s is the compiled engine for what it can do', async (engine) => {
    const chosen = await openEngine({ ...options, engine }, small)
    expect(chosen).toMatchObject({ engine: { name: 'compiled', arithmetic: 'mul_add' } })
    expect(chosen.note).toBeUndefined()
  })

  test('auto is TensorFlow.js for anything else, and says which layer is why', async () => {
    const { engine, note } = await openEngine({ ...options, engine: 'auto' }, solid)
    expect(engine.name).toBe('tfjs')
    expect(note).toMatch(why)
    expect(note).not.toContain('\n')
  })

  test('compiled refuses what it cannot do', async () => {
    await expect(openEngine({ ...options, engine: 'compiled' }, solid)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('the layer cube (conv3d) is not compiled yet') as unknown,
    })
  })

  test('tfjs is TensorFlow.js, whatever the network', async () => {
    const chosen = await openEngine({ ...options, engine: 'tfjs' }, small)
    expect(chosen).toMatchObject({ engine: { name: 'tfjs', arithmetic: 'cpu' } })
  })
})
