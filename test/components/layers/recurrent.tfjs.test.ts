import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'

import { execute } from '../../../src/engine/tfjs/executor.ts'
import { modelTopology } from '../../../src/model/topology.ts'
import { expectClose } from '../../golden/golden.ts'
import { caseGraph, golden, graphOf, inputsOf, programOf } from './recurrent.cases.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

/** What TensorFlow.js lacks of a case. */
function lacks(name: string): string[] {
  if (name.startsWith('bidirectional gru, stacked'))
    return ['gru with reset_after', 'GRU with zeros at masked steps']
  if (name.startsWith('bidirectional, two layers')) return ['bidirectional with a backward_layer']
  const masked = name.includes('masked with zeros') || /masked bidirectional .* sequences/.test(name)
  const kind = { s: 'SimpleRNN', g: 'GRU', m: 'LSTM', l: 'LSTM' }[name[0] ?? ''] ?? ''
  return [
    ...(/^gru(?! resetting before)/.test(name) ? ['gru with reset_after'] : []),
    ...(masked ? [`${kind} with zeros at masked steps`] : []),
  ]
}

describe.each(golden.cases.map((example) => [example.name, example] as const))('%s', (name, example) => {
  const graph = caseGraph(example)
  const inputs = inputsOf(example)
  const parameters = graph.nodes.flatMap((node) => node.parameters)

  it("trains in TensorFlow.js with Keras's gradients", () => {
    const program = programOf(graph, example.x.shape[0] ?? 0)
    const names = ['x', ...parameters.map(({ id }) => id)]
    const tensors = names.map((input) =>
      tf.tensor(inputs.get(input) ?? [], [...(program.inputs.get(input)?.shape ?? [])]),
    )
    const total = (...values: tf.Tensor[]): tf.Scalar => {
      const given = new Map([
        ['counter', tf.scalar(0, 'int32')],
        ...names.map((input, i) => [input, values[i] ?? tf.scalar(NaN)] as const),
      ])
      const y = execute(tf, program, given, 0).get('y') ?? tf.scalar(NaN)
      return tf.sum(tf.mul(y, tf.tensor(example.dy.data, example.dy.shape)))
    }
    const gradients = tf.grads(total)(tensors)
    const wanted = [example.dx.data, ...example.weights.map(({ gradient }) => gradient ?? [])]
    for (const [i, gradient] of gradients.entries())
      expectClose(gradient.dataSync(), wanted[i] ?? [], { relative: 1e-4, absolute: 1e-5 })
  })

  const { topology, weights, unsupported } = modelTopology(graph, 'test')

  const missing = lacks(name)
  if (missing.length > 0) {
    it('is known to be missing in TensorFlow.js', () => {
      expect(unsupported).toEqual(missing)
    })
    return
  }

  it('predicts the same once saved and loaded by plain TensorFlow.js', async () => {
    expect(unsupported).toEqual([])
    const saved = tf.io.fromMemory({
      modelTopology: { ...topology },
      weightSpecs: weights.map(({ name: weight, shape }) => ({
        name: weight,
        shape: [...shape],
        dtype: 'float32',
      })),
      weightData: Float32Array.from(weights.flatMap(({ parameter }) => inputs.get(parameter) ?? [])).buffer,
    })
    const model = await tfl.loadLayersModel(saved)
    const predicted = model.predict(tf.tensor(example.x.data, example.x.shape))
    if (!(predicted instanceof tf.Tensor)) throw new Error('the model has one output')
    expect(predicted.shape).toEqual(example.y.shape)
    expectClose(predicted.dataSync(), example.y.data, { relative: 1e-5, absolute: 1e-5 })
  })
})

it('says that plain TensorFlow.js hands a mask of steps to a recurrent layer inside time_distributed', () => {
  const reshape = { type: 'time_distributed', layer: { type: 'reshape', target_shape: [2, 2] } }
  const lstm = { type: 'time_distributed', layer: { type: 'lstm', units: 2 } }
  expect(modelTopology(graphOf([reshape, lstm], [3, 4]), 'test').unsupported).toEqual([])
  expect(modelTopology(graphOf(['masking', reshape, lstm], [3, 4]), 'test').unsupported).toEqual([
    'LSTM beside a mask',
  ])
})
