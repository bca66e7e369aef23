import * as z from 'zod'

import type { Shape } from '../../ir/ir.ts'
import { kernelOptions, requireKernel, windowOf } from './convolution.ts'
import { convolveDepthwise } from './depthwise.ts'
import { multiplierOption } from './depthwise_conv2d.ts'
import { defineLayer } from './layer.ts'
import {
  activate,
  activatedShape,
  activationOption,
  constraintOption,
  initializerOption,
  kernelAndBias,
  kernelAndBiasOptions,
  regularizerOption,
} from './options.ts'
import { withActivation } from './with-activation.ts'
import { windowCount } from './window.ts'

/** Chollet (2017). Keras symbol: keras.layers.SeparableConv2D. */
export const separableConv2d = defineLayer({
  type: 'separable_conv2d',
  aliases: ['SeparableConvolution2D'],
  summary: 'Convolves each channel of images [height, width, channels] by itself, then mixes the channels',
  options() {
    const { use_bias, bias_initializer, bias_regularizer, bias_constraint, activity_regularizer } =
      kernelAndBiasOptions()
    return {
      filters: z.int().positive().describe('Number of output channels'),
      ...kernelOptions(2),
      depth_multiplier: multiplierOption(),
      activation: activationOption(),
      use_bias,
      depthwise_initializer: initializerOption('depthwise kernel', 'glorot_uniform'),
      pointwise_initializer: initializerOption('pointwise kernel', 'glorot_uniform'),
      bias_initializer,
      depthwise_regularizer: regularizerOption('depthwise kernel'),
      pointwise_regularizer: regularizerOption('pointwise kernel'),
      bias_regularizer,
      activity_regularizer,
      depthwise_constraint: constraintOption('depthwise kernel'),
      pointwise_constraint: constraintOption('pointwise kernel'),
      bias_constraint,
    }
  },
  shapedBy: ['filters', 'kernel_size', 'strides', 'padding', 'dilation_rate', 'activation'],
  outputShape(config, input) {
    requireKernel('separable_conv2d', input, config)
    return activatedShape(config, convolvedShape(config, input))
  },
  parameters(config, input) {
    const channels = input.at(-1) ?? 0
    const pointwise = {
      kernel_initializer: config.pointwise_initializer,
      kernel_regularizer: config.pointwise_regularizer,
      kernel_constraint: config.pointwise_constraint,
    }
    const shape = [1, 1, channels * config.depth_multiplier, config.filters]
    return [
      {
        name: 'depthwise_kernel',
        shape: [...config.kernel_size, channels, config.depth_multiplier],
        initializer: config.depthwise_initializer,
        regularizer: config.depthwise_regularizer,
        constraint: config.depthwise_constraint,
      },
      ...kernelAndBias({ ...config, ...pointwise }, shape, config.filters).map((spec) =>
        spec.name === 'kernel' ? { ...spec, name: 'pointwise_kernel' } : spec,
      ),
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

type Options = Parameters<typeof windowOf>[0] & { readonly filters: number }

function convolvedShape(config: Options, input: Shape): Shape {
  return [...windowCount(input.slice(0, -1), windowOf(config)), config.filters]
}
