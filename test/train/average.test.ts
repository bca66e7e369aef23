import { expect, it } from 'vitest'

import { outputTasks } from '../../src/step/task.ts'
import { inMemory } from '../../src/data/rows/row-set.ts'
import { openTfjsEngine } from '../../src/engine/tfjs/engine.ts'
import { buildGraph } from '../../src/model/build.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { train } from '../../src/train/loop.ts'

it('training with use_ema ends with the moving averages of the weights', async () => {
  const { graph } = buildGraph(modelSection().parse({ input: [1], layers: [{ type: 'dense', units: 1 }] }))
  if (graph === undefined) throw new Error('the model is wrong')
  const optimizer = { type: 'sgd', learning_rate: 0.1, use_ema: true, ema_momentum: 0.5 }
  const compile = compileSection().parse({ loss: 'mse', optimizer })
  const task = { graph, outputs: outputTasks(graph, compile), optimizer: compile.optimizer, seed: 0 }
  const engine = await openTfjsEngine({ backend: 'cpu' })
  const session = engine.open(
    task,
    new Map([
      ['dense/kernel', Float32Array.of(0)],
      ['dense/bias', Float32Array.of(0)],
    ]),
  )
  await train(session, {
    task,
    train: inMemory({
      rows: 1,
      inputs: [{ name: 'input', shape: [1], data: Float32Array.of(1) }],
      targets: [{ kind: 'numbers', name: 'dense', shape: [1], data: Float32Array.of(1) }],
      sourceRow: Uint32Array.of(0),
    }),
    batchSize: 1,
    epochs: 2,
    shuffle: false,
    rowWeights: () => undefined,
    listeners: [],
    signal: new AbortController().signal,
  })
  // The kernel is 0.2 after the first step and 0.32 after the second.
  expect((await session.weights()).get('dense/kernel')?.[0]).toBeCloseTo(0.26, 6)
  session.dispose()
})
