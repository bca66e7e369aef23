import { createRequire } from 'node:module'

import type * as Tf from '@tensorflow/tfjs-core'
import type * as Layers from '@tensorflow/tfjs-layers'

import { loadBackend } from '../../src/engine/tfjs/backend.ts'
import { converse } from './conversation.ts'

/** Plain TensorFlow.js on the backend named by the first argument: a LayersModel and its own optimizers. */
const backend = process.argv[2] === 'tensorflow' ? 'tensorflow' : 'wasm'

await converse(async (network) => {
  const { tf } = await loadBackend({ backend, tfjsNodeFolder: process.env['NNLAB_TFJS_NODE'] })
  const tfl: typeof Layers =
    backend === 'tensorflow'
      ? (createRequire(`${process.env['NNLAB_TFJS_NODE']}/package.json`)(
          '@tensorflow/tfjs-layers',
        ) as typeof Layers)
      : await import('@tensorflow/tfjs-layers')
  const model = tfl.sequential()
  network.layers.forEach((layer, i) =>
    model.add(layerOf(tfl, layer, i === 0 ? [...network.input] : undefined)),
  )
  const binary = network.loss === 'binary_crossentropy'
  model.compile({
    loss: binary ? 'binaryCrossentropy' : 'categoricalCrossentropy',
    optimizer:
      network.optimizer.type === 'sgd' ? tf.train.sgd(network.optimizer.learning_rate) : tf.train.adam(),
  })
  const x: Tf.Tensor = tf.randomUniform([network.batch, ...network.input], 0, network.tokens ?? 1)
  const xs = network.tokens === undefined ? x : tf.floor(x)
  const labels = tf.floor(tf.randomUniform([network.batch], 0, network.classes))
  const ys = binary ? tf.reshape(labels, [-1, 1]) : tf.oneHot(tf.cast(labels, 'int32'), network.classes)
  return {
    name: `trainOnBatch on ${backend}`,
    async run() {
      for (let step = 0; step < 10; step++) await model.trainOnBatch(xs, ys)
      return 10
    },
  }
})

function layerOf(
  tfl: typeof Layers,
  { type, ...options }: { readonly type: string; readonly [option: string]: unknown },
  inputShape: number[] | undefined,
): Layers.layers.Layer {
  const first = inputShape === undefined ? {} : { inputShape }
  const number = (name: string): number => Number(options[name])
  const activation = typeof options['activation'] === 'string' ? { activation: options['activation'] } : {}
  switch (type) {
    case 'dense':
      return tfl.layers.dense({
        ...first,
        units: number('units'),
        ...(activation as { activation?: 'relu' }),
      })
    case 'dropout':
      return tfl.layers.dropout({ rate: number('rate') })
    case 'conv2d':
      return tfl.layers.conv2d({
        ...first,
        filters: number('filters'),
        kernelSize: number('kernel_size'),
        ...(activation as { activation?: 'relu' }),
      })
    case 'max_pooling2d':
      return tfl.layers.maxPooling2d({})
    case 'flatten':
      return tfl.layers.flatten()
    case 'embedding':
      return tfl.layers.embedding({
        ...first,
        inputDim: number('input_dim'),
        outputDim: number('output_dim'),
      })
    case 'global_average_pooling1d':
      return tfl.layers.globalAveragePooling1d({})
    case 'batch_normalization':
      return tfl.layers.batchNormalization()
    case 'relu':
      return tfl.layers.reLU()
    default:
      throw new Error(`no ${type} here`)
  }
}
