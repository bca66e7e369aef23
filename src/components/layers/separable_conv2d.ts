import * as z from 'zod'

import { convolvedShape, kernelOptions, requireKernel, windowOf } from './convolution.ts'
import { convolveDepthwise, depthwiseKernel, depthwiseOptions } from './depthwise.ts'
import { defineLayer } from './layer.ts'
import {
  activate,
  activatedShape,
  activationOption,
  bias,
  biasOptions,
  constraintOption,
  initializerOption,
  regularizerOption,
} from './options.ts'
import { withActivation } from './with-activation.ts'

/** Chollet (2017). Keras symbol: keras.layers.SeparableConv2D. */
export const separableConv2d = defineLayer({
  type: 'separable_conv2d',
  aliases: ['SeparableConvolution2D'],
  summary: 'Convolves each channel of images [height, width, channels] separately, then mixes the channels',
  options: () => ({
    filters: z.int().positive().describe('Number of output channels'),
    ...kernelOptions(2),
    activation: activationOption(),
    ...depthwiseOptions('depthwise kernel'),
    pointwise_initializer: initializerOption('pointwise kernel', 'glorot_uniform'),
    pointwise_regularizer: regularizerOption('pointwise kernel'),
    pointwise_constraint: constraintOption('pointwise kernel'),
    ...biasOptions(),
  }),
  shapedBy: ['filters', 'kernel_size', 'strides', 'padding', 'dilation_rate', 'activation'],
  outputShape(config, input) {
    requireKernel('separable_conv2d', input, config)
    return activatedShape(config, convolvedShape(config, input))
  },
  parameters(config, input) {
    const channels = input.at(-1) ?? 0
    return [
      depthwiseKernel('depthwise_kernel', config, channels),
      {
        name: 'pointwise_kernel',
        shape: [1, 1, channels * config.depth_multiplier, config.filters],
        initializer: config.pointwise_initializer,
        regularizer: config.pointwise_regularizer,
        constraint: config.pointwise_constraint,
      },
      ...bias(config, config.filters),
    ]
  },
  forward(context, config, x) {
    const { b, parameter } = context
    const depthwise = convolveDepthwise(b, x, parameter('depthwise_kernel'), windowOf(config))
    const kernel = parameter('pointwise_kernel')
    // A window of one pixel is a product along the channels.
    const product = b.matmul(depthwise, b.reshape(kernel, kernel.shape.slice(2)))
    return activate(context, config.use_bias ? b.add(product, parameter('bias')) : product, config)
  },
  activated: ({ activation }) => activation,
  topology(keras, config, input) {
    const { filters, kernel_size, strides, padding, dilation_rate, depth_multiplier, use_bias } = config
    const kernels = { depthwise_kernel: 'depthwise_kernel', pointwise_kernel: 'pointwise_kernel' }
    return withActivation(keras, config.activation, (activation) =>
      keras.layer(
        'SeparableConv2D',
        { filters, kernel_size, strides, padding, dilation_rate, depth_multiplier, use_bias, activation },
        [input],
        convolvedShape(config, input.shape),
        use_bias ? { ...kernels, bias: 'bias' } : kernels,
      ),
    )
  },
})
