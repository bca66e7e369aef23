import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'

import { execute } from '../../../src/engine/tfjs/executor.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { buildGraph } from '../../../src/model/build.ts'
import { modelTopology } from '../../../src/model/topology.ts'
import { expectClose } from '../../golden/golden.ts'
import { caseGraph, cases, gradientsOf, inputsOf, programOf } from './layers.cases.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

describe.each(cases)('%s', (_name, example) => {
  const graph = caseGraph(example)
  const inputs = inputsOf(example)
  const gradients = gradientsOf(example)

  it.runIf(gradients.size > 0)('trains in TensorFlow.js with the golden gradients', () => {
    const program = programOf(graph, example.y.shape[0] ?? 0, example)
    const tensorOf = (name: string): tf.Tensor =>
      tf.tensor(inputs.get(name) ?? [], [...(program.inputs.get(name)?.shape ?? [])])
    const fixed = [...program.inputs.keys()].filter((name) => !gradients.has(name))
    const names = [...gradients.keys()]
    const total = (...values: tf.Tensor[]): tf.Scalar => {
      const given = new Map([
        ...fixed.map((name) => [name, tensorOf(name)] as const),
        ...names.map((name, i) => [name, values[i] ?? tf.scalar(NaN)] as const),
      ])
      const y = execute(tf, program, given, 0).get('y') ?? tf.scalar(NaN)
      return tf.sum(tf.mul(y, tf.tensor(example.dy.data, example.dy.shape)))
    }
    for (const [i, gradient] of tf.grads(total)(names.map(tensorOf)).entries()) {
      const wanted = gradients.get(names[i] ?? '') ?? []
      expectClose(gradient.dataSync(), wanted, { relative: 1e-4, absolute: 1e-5 })
    }
  })

  const { topology, weights, unsupported } = modelTopology(graph, 'test')

  it('says what plain TensorFlow.js lacks', () => {
    expect(unsupported).toEqual(example.lacks)
  })

  it.runIf(unsupported.length === 0 && !example.training)(
    'predicts the same once saved and loaded by plain TensorFlow.js',
    async () => {
      const saved = tf.io.fromMemory({
        modelTopology: { ...topology },
        weightSpecs: weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
        weightData: Float32Array.from(
          weights.flatMap(({ parameter }) => example.parameters[parameter.replace('layer/', '')]?.data ?? []),
        ).buffer,
      })
      const model = await tfl.loadLayersModel(saved)
      const predicted = model.predict(example.inputs.map(({ data, shape }) => tf.tensor(data, shape)))
      if (!(predicted instanceof tf.Tensor)) throw new Error('the model has one output')
      expect(predicted.shape).toEqual(example.y.shape)
      expectClose(predicted.dataSync(), example.y.data, { absolute: 1e-5 })
    },
  )
})

it('a layer that takes one output twice predicts the same in plain TensorFlow.js', async () => {
  const { graph } = buildGraph({
    input: [2],
    layers: [
      layers.ref().parse({ type: 'rescaling', name: 'a', scale: 2 }),
      layers.ref().parse({ type: 'multiply', name: 'b', from: ['a', 'a', 'a'] }),
      layers.ref().parse({ type: 'add', from: ['b', 'a'] }),
    ],
  })
  if (graph === undefined) throw new Error('the model is wrong')
  const { topology } = modelTopology(graph, 'test')
  const model = await tfl.loadLayersModel(
    tf.io.fromMemory({ modelTopology: { ...topology }, weightSpecs: [], weightData: new ArrayBuffer() }),
  )
  const predicted = model.predict(tf.tensor([1, -0.5], [1, 2]))
  if (!(predicted instanceof tf.Tensor)) throw new Error('the model has one output')
  expect(Array.from(predicted.dataSync())).toEqual([10, -2])
})
