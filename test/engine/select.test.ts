import { expect, test } from 'vitest'
import { openEngine } from '../../src/engine/select.ts'

const options = { arithmetic: 'mul_add', threads: 1, backend: 'cpu' } as const

test.each(['auto', 'compiled'] as const)('%s is the compiled engine', async (engine) => {
  expect(await openEngine({ ...options, engine })).toMatchObject({ name: 'compiled', arithmetic: 'mul_add' })
})

test('tfjs is TensorFlow.js', async () => {
  expect(await openEngine({ ...options, engine: 'tfjs' })).toMatchObject({ name: 'tfjs', arithmetic: 'cpu' })
})
