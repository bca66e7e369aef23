import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeptState, StepOutputs } from '../../../src/step/step-program.ts'
import { buildStep } from '../../../src/step/step.ts'
import { storedShape } from '../../../src/step/targets.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import type { EncodedRows, EncodedTarget } from '../../../src/data/rows/encoded-rows.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { openTfjsEngine } from '../../../src/engine/tfjs/engine.ts'
import { shapeOf } from '../../../src/model/graph.ts'
import { runs } from '../../runs.ts'
import { interpretStep } from '../../step/interpret-step.ts'
import { randomModel, stepInputs } from '../../step/random-model.ts'
import type { RandomModel } from '../../step/random-model.ts'
import { train } from '../conformance.ts'
import type { Results } from '../conformance.ts'

const engines: readonly Engine[] = [
  openCompiledEngine({ arithmetic: 'auto', threads: 1 }),
  await openTfjsEngine({ backend: 'cpu' }),
]

/** The weights change by the gradient. Adaptive optimizers divide rounding errors of it by their own size. */
const plain = { type: 'sgd', learning_rate: 1 }

type Numbers = ReturnType<typeof stepInputs>

function encodedRowsOf({ task, batch }: RandomModel, numbers: Numbers): EncodedRows {
  const { inputs, targets } = numbers
  return {
    rows: batch,
    inputs: task.graph.inputs.map(({ name, shape }) => ({
      name,
      shape,
      data: inputs.get(name) ?? new Float32Array(),
    })),
    targets: task.outputs.map(({ name, kind }): EncodedTarget => {
      const common = { name, shape: storedShape(kind, shapeOf(task.graph, name)) }
      const data = targets.get(name) ?? new Float32Array()
      return kind === 'classes' ? { ...common, kind, data: Int32Array.from(data) } : { ...common, kind, data }
    }),
    sourceRow: Uint32Array.from({ length: batch }, (_, i) => i),
  }
}

/** A prediction, then one training step from the third on. */
async function onEngine(engine: Engine, model: RandomModel, numbers: Numbers): Promise<Results> {
  const encoded = encodedRowsOf(model, numbers)
  const session = engine.open(model.task, numbers.parameters)
  const predicted = await session.predict(encoded, model.batch)
  session.setOptimizer({ ...(await session.optimizer()), iterations: 2 })
  const order = Uint32Array.from({ length: model.batch }, (_, i) => i)
  const [first] = model.task.outputs
  const weights = numbers.rowWeights.get(first?.name ?? '')
  const more = { order, batchSize: model.batch, ...(weights && { rowWeights: weights }) }
  const { sums } = await train(session, encoded, 0, 1, more)
  const mean = (loss: number): [number] => [loss / model.batch]
  const results = named(predicted, {
    loss: mean(sums.loss),
    losses: new Map([...sums.losses].map(([name, loss]) => [name, mean(loss)])),
    metrics: sums.metrics,
    assignments: { parameters: await session.weights() },
  })
  session.dispose()
  return results
}

type Trained = Pick<StepOutputs<ArrayLike<number>>, 'loss' | 'losses' | 'metrics'> & {
  readonly assignments: Pick<KeptState<ArrayLike<number>>, 'parameters'>
}

/** All results under names that say what they are. */
function named(
  predicted: Results,
  { loss = [], losses, metrics, assignments: { parameters } }: Trained,
): Results {
  const all = { 'output of': predicted, 'loss of': losses, 'sums of': metrics, 'value of': parameters }
  return new Map([
    ['loss', loss],
    ...Object.entries(all).flatMap(([what, values]) =>
      [...values].map(([name, numbers]) => [`${what} ${name}`, numbers] as const),
    ),
  ])
}

/** Parameters that no step changes stay as they are. */
function onInterpreter({ task, batch }: RandomModel, numbers: Numbers): Results {
  const { outputs } = interpretStep(buildStep(task, batch, 'predict'), numbers)
  return named(outputs, interpretStep(buildTrainStep(task, batch), numbers))
}

function isNear(x: number, y: number): boolean {
  return Object.is(x, y) || Math.abs(x - y) <= 2e-4 + 2e-3 * Math.abs(y)
}

/** Where float32 overflows or rounds much, the interpreter's float64 and TensorFlow.js differ: either will do. */
function expectNearOne(found: Results, exact: Results, tfjs: Results): void {
  for (const [name, values] of exact) {
    for (let i = 0; i < values.length; i++) {
      const [x = NaN, y = NaN, z = NaN] = [found.get(name)?.[i], values[i], tfjs.get(name)?.[i]]
      if (isNear(x, y) || isNear(x, z)) continue
      expect.fail(`${name}[${i}] is ${x}, where the interpreter has ${y} and TensorFlow.js ${z}`)
    }
  }
}

test('predictions and a training step of random models agree with the interpreter and TensorFlow.js', async () => {
  await fc.assert(
    fc.asyncProperty(randomModel({ optimizer: plain }), async (model) => {
      const numbers = stepInputs(model)
      // All outputs of a session weigh rows alike.
      const [first] = model.task.outputs
      for (const { name } of model.task.outputs) {
        numbers.rowWeights.set(name, numbers.rowWeights.get(first?.name ?? '') ?? new Float32Array())
      }
      const wanted = onInterpreter(model, numbers)
      const [compiled = new Map(), tfjs = new Map()] = await Promise.all(
        engines.map((engine) => onEngine(engine, model, numbers)),
      )
      expectNearOne(compiled, wanted, tfjs)
    }),
    { numRuns: runs(20) },
  )
})
