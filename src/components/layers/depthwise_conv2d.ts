import type { Shape } from '../../ir/ir.ts'
import { kernelOptions, requireKernel, windowOf } from './convolution.ts'
import { convolveDepthwise, depthwiseKernel, depthwiseOptions } from './depthwise.ts'
import { defineLayer } from './layer.ts'
import { activate, activatedShape, activationOption, bias, biasOptions } from './options.ts'
import { withActivation } from './with-activation.ts'
import { windowCount } from './window.ts'

/** Keras symbol: keras.layers.DepthwiseConv2D. */
export const depthwiseConv2d = defineLayer({
  type: 'depthwise_conv2d',
  aliases: ['DepthwiseConvolution2D'],
  summary: 'Slides kernels of its own over each channel of images [height, width, channels]',
  options: () => ({
    ...kernelOptions(2),
    activation: activationOption(),
    ...depthwiseOptions('kernel'),
    ...biasOptions(),
  }),
  shapedBy: ['kernel_size', 'strides', 'padding', 'dilation_rate', 'depth_multiplier', 'activation'],
  outputShape(config, input) {
    requireKernel('depthwise_conv2d', input, config)
    return activatedShape(config, convolvedShape(config, input))
  },
  parameters(config, input) {
    const channels = input.at(-1) ?? 0
    return [depthwiseKernel('kernel', config, channels), ...bias(config, channels * config.depth_multiplier)]
  },
  forward(context, config, x) {
    const { b, parameter } = context
    const product = convolveDepthwise(b, x, parameter('kernel'), windowOf(config))
    return activate(context, config.use_bias ? b.add(product, parameter('bias')) : product, config)
  },
  activated: ({ activation }) => activation,
  topology(keras, config, input) {
    // TensorFlow.js takes the option, but convolves without it.
    if (Math.max(...config.dilation_rate) > 1) keras.unsupported('depthwise_conv2d with dilation_rate')
    const { kernel_size, strides, padding, depth_multiplier, use_bias } = config
    return withActivation(keras, config.activation, (activation) =>
      keras.layer(
        'DepthwiseConv2D',
        { kernel_size, strides, padding, depth_multiplier, use_bias, activation },
        [input],
        convolvedShape(config, input.shape),
        use_bias ? { depthwise_kernel: 'kernel', bias: 'bias' } : { depthwise_kernel: 'kernel' },
      ),
    )
  },
})

type DepthwiseConvolutionOptions = Parameters<typeof windowOf>[0] & { readonly depth_multiplier: number }

function convolvedShape(config: DepthwiseConvolutionOptions, input: Shape): Shape {
  return [...windowCount(input.slice(0, -1), windowOf(config)), (input.at(-1) ?? 0) * config.depth_multiplier]
}
