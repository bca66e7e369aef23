import { describe, expect, it } from 'vitest'

import { buildStep } from '../../src/step/step.ts'
import { outputTasks } from '../../src/step/task.ts'
import { buildGraph } from '../../src/model/build.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { expectClose } from '../golden/golden.ts'
import { interpretStep } from './interpret-step.ts'

/** The results of two rows of two steps of two features; by default the second row weighs 3. */
function score(layers: unknown[], compile: object, x: number[], target: number[], weights = [1, 3]) {
  const { graph } = buildGraph(modelSection().parse({ input: [2, 2], layers }))
  if (graph === undefined) throw new Error('the model is wrong')
  const { optimizer, ...rest } = compileSection().parse(compile)
  const ofSteps = weights.length > 2 && { weights: [weights.length / 2] }
  const outputs = outputTasks(graph, rest).map((output) => ({ ...output, ...ofSteps }))
  const task = { graph, outputs, optimizer, seed: 0 }
  const name = graph.outputs[0] ?? ''
  return interpretStep(buildStep(task, 2, 'evaluate'), {
    parameters: new Map(),
    inputs: new Map([['input', x]]),
    counter: [0],
    targets: new Map([[name, target]]),
    rowWeights: new Map([[name, weights]]),
  })
}

const LINEAR = { type: 'activation', activation: 'linear' }
const METRICS = { metrics: ['mae'], weighted_metrics: ['mse'] }
const X = [1, 2, 0, 0, 3, 4, 5, 6]
const TARGET = [0, 0, 9, 9, 3, 2, 1, 6]

describe('a masked output', () => {
  const result = score([{ type: 'masking' }, LINEAR], { loss: 'mse', ...METRICS }, X, TARGET)

  it('has the loss of the steps that count, weighted by rows', () => {
    expectClose(result.loss ?? [], [(1 * 2.5 + 3 * 2 + 3 * 8) / 3])
  })

  it('has the metrics of the steps that count, weighted only where they are to be', () => {
    expectClose(result.metrics.get('mean_absolute_error') ?? [], [1.5 + 1 + 2, 3])
    expectClose(result.metrics.get('mean_squared_error') ?? [], [2.5 + 3 * 2 + 3 * 8, 7])
  })
})

it('a loss along another axis leaves the metrics as they are', () => {
  const result = score([LINEAR], { loss: { type: 'cosine_similarity', axis: 1 }, ...METRICS }, X, TARGET)
  expectClose(result.metrics.get('mean_absolute_error') ?? [], [1.5 + 9 + 1 + 2, 4])
})

it('a batch that is masked as a whole has the loss 0', () => {
  const result = score([{ type: 'masking' }, LINEAR], { loss: 'mse' }, [0, 0, 0, 0, 0, 0, 0, 0], TARGET)
  expect(Array.from(result.loss ?? [])).toEqual([0])
})

describe('steps that weigh 1, 2, 0 and 3', () => {
  const weights = [1, 2, 0, 3]

  it('have the loss of each times its weight', () => {
    const { loss } = score([LINEAR], { loss: 'mse' }, X, TARGET, weights)
    expectClose(loss ?? [], [(2.5 + 2 * 81 + 3 * 8) / 4])
  })

  it('do so where a mask leaves the second out, and in the weighted metrics', () => {
    const result = score([{ type: 'masking' }, LINEAR], { loss: 'mse', ...METRICS }, X, TARGET, weights)
    expectClose(result.loss ?? [], [(2.5 + 3 * 8) / 3])
    expectClose(result.metrics.get('mean_absolute_error') ?? [], [1.5 + 1 + 2, 3])
    expectClose(result.metrics.get('mean_squared_error') ?? [], [2.5 + 3 * 8, 4])
  })

  it('are refused by a loss that has no values of steps', () => {
    const layers = [{ type: 'reshape', target_shape: [4, 1] }]
    const loss = { type: 'cosine_similarity', axis: 1 }
    expect(() => score(layers, { loss }, X, TARGET, [...weights, ...weights])).toThrow(
      /cosine_similarity yields the shape/,
    )
  })
})
