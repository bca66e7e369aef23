import * as z from 'zod'

import { Family } from '../../registry.ts'
import { activation } from './activation.ts'
import { add } from './add.ts'
import { alphaDropout } from './alpha_dropout.ts'
import { average } from './average.ts'
import { averagePooling1d } from './average_pooling1d.ts'
import { averagePooling2d } from './average_pooling2d.ts'
import { averagePooling3d } from './average_pooling3d.ts'
import { batchNormalization } from './batch_normalization.ts'
import { bidirectional } from './bidirectional.ts'
import { concatenate } from './concatenate.ts'
import { conv1d } from './conv1d.ts'
import { conv2d } from './conv2d.ts'
import { conv2dTranspose } from './conv2d_transpose.ts'
import { conv3d } from './conv3d.ts'
import { cropping2d } from './cropping2d.ts'
import { dense } from './dense.ts'
import { depthwiseConv2d } from './depthwise_conv2d.ts'
import { dot } from './dot.ts'
import { dropout } from './dropout.ts'
import { elu } from './elu.ts'
import { embedding } from './embedding.ts'
import { flatten } from './flatten.ts'
import { gaussianDropout } from './gaussian_dropout.ts'
import { gaussianNoise } from './gaussian_noise.ts'
import { globalAveragePooling1d } from './global_average_pooling1d.ts'
import { globalAveragePooling2d } from './global_average_pooling2d.ts'
import { globalMaxPooling1d } from './global_max_pooling1d.ts'
import { globalMaxPooling2d } from './global_max_pooling2d.ts'
import { gru } from './gru.ts'
import { layerNormalization } from './layer_normalization.ts'
import { leakyRelu } from './leaky_relu.ts'
import { lstm } from './lstm.ts'
import { masking } from './masking.ts'
import { maxPooling1d } from './max_pooling1d.ts'
import { maxPooling2d } from './max_pooling2d.ts'
import { maxPooling3d } from './max_pooling3d.ts'
import { maximum } from './maximum.ts'
import { minimum } from './minimum.ts'
import { model } from './model.ts'
import { multiply } from './multiply.ts'
import { permute } from './permute.ts'
import { prelu } from './prelu.ts'
import { relu } from './relu.ts'
import { repeatVector } from './repeat_vector.ts'
import { rescaling } from './rescaling.ts'
import { reshape } from './reshape.ts'
import { separableConv2d } from './separable_conv2d.ts'
import { shared } from './shared.ts'
import { simpleRnn } from './simple_rnn.ts'
import { softmax } from './softmax.ts'
import { spatialDropout1d } from './spatial_dropout1d.ts'
import { subtract } from './subtract.ts'
import { timeDistributed } from './time_distributed.ts'
import { upsampling2d } from './upsampling2d.ts'
import { zeroPadding2d } from './zero_padding2d.ts'
import type { LayerComponent } from './layer.ts'

const members: readonly LayerComponent[] = [
  activation,
  add,
  alphaDropout,
  average,
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
  batchNormalization,
  bidirectional(() => layers),
  concatenate,
  conv1d,
  conv2d,
  conv2dTranspose,
  conv3d,
  cropping2d,
  dense,
  depthwiseConv2d,
  dot,
  dropout,
  elu,
  embedding,
  flatten,
  gaussianDropout,
  gaussianNoise,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  gru,
  layerNormalization,
  leakyRelu,
  lstm,
  masking,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
  maximum,
  minimum,
  model(() => layers),
  multiply,
  permute,
  prelu,
  relu,
  repeatVector,
  rescaling,
  reshape,
  separableConv2d,
  shared,
  simpleRnn,
  softmax,
  spatialDropout1d,
  subtract,
  timeDistributed(() => layers),
  upsampling2d,
  zeroPadding2d,
]

/** The options of every layer. */
function layerOptions() {
  return {
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'expected a letter, then letters, digits, "_", "-" or "."')
      .optional()
      .describe('Unique name, by which other layers and outputs refer to it; default: the type and a number'),
    from: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .describe(
        'The input or layer, or the list of them, whose output it takes; default: the layer before it',
      ),
    trainable: z.boolean().default(true).describe('Whether training changes its weights'),
  }
}

export const layers: Family<LayerComponent> = new Family({ name: 'layers', singular: 'layer' }, members, {
  options: layerOptions,
})
