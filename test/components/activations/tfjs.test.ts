import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'

import { execute } from '../../../src/engine/tfjs/executor.ts'
import { buildGraph } from '../../../src/model/build.ts'
import { modelTopology } from '../../../src/model/topology.ts'
import { expectClose } from '../../golden/golden.ts'
import { cases, configOf, golden, programOf } from './cases.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

/** Where Keras takes the slope of the other side of a bend, or, for celu, of both sides added up. */
const BENDS: Readonly<Record<string, readonly number[]>> = {
  celu: [0],
  hard_sigmoid: [-3, 3],
  hard_silu: [-3, 3],
  relu: [6],
  selu: [-9.99999968e-21],
  sparse_sigmoid: [-1, 1],
}

describe.each(cases)('%s', (_name, example) => {
  const config = configOf(example)

  it('trains in TensorFlow.js with the golden gradient, at its bends too', () => {
    const program = programOf(config, example.x.shape)
    const apply = (x: tf.Tensor): tf.Tensor => execute(tf, program, new Map([['x', x]]), 0).get('y') ?? x
    const dx = tf.grad((x) => tf.clone(apply(x)))(
      tf.tensor(example.x.data, example.x.shape),
      tf.tensor(example.dy.data, example.dy.shape),
    )
    const kept = example.x.data.flatMap((x, i) => (BENDS[config.type]?.includes(x) ? [] : [i]))
    const ours = dx.dataSync()
    expectClose(
      kept.map((i) => ours[i] ?? NaN),
      kept.map((i) => example.dx.data[i] ?? NaN),
      { relative: 1e-4, absolute: 1e-5 },
    )
  })
})

/** Activations of Keras that no layers of TensorFlow.js add up to. */
const BEYOND_TFJS = ['exponential', 'sparsemax', 'squareplus']

describe.each(cases)('%s', (_name, example) => {
  const { type, options } = example
  const [, ...input] = example.x.shape
  const layers = [{ type: 'activation', activation: configOf({ type, options }), activity_regularizer: null }]
  const { graph } = buildGraph({ input, layers })
  if (graph === undefined) throw new Error(`no graph for ${type}`)
  const { topology, unsupported } = modelTopology(graph, 'test')
  const isBeyond = type in golden.defaults ? BEYOND_TFJS.includes(type) : unsupported.length > 0

  it.runIf(!isBeyond)('is the same in a saved model that plain TensorFlow.js loads', async () => {
    expect(unsupported).toEqual([])
    const saved = tf.io.fromMemory({
      modelTopology: { ...topology },
      weightSpecs: [],
      weightData: new ArrayBuffer(),
    })
    const model = await tfl.loadLayersModel(saved)
    const predicted = model.predict(tf.tensor(example.x.data, example.x.shape))
    if (!(predicted instanceof tf.Tensor)) throw new Error('the model has one output')
    expect(predicted.shape).toEqual(example.y.shape)
    expectClose(predicted.dataSync(), example.y.data, { absolute: 1e-6 })
  })

  it.runIf(isBeyond)('is known to be missing in TensorFlow.js', () => {
    expect(unsupported).toEqual([`activation ${type}`])
  })
})
