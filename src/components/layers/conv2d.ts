import * as z from 'zod'

import { ShapeError, defineLayer } from './layer.ts'
import { activate, activatedShape, activationOption, kernelAndBias, kernelAndBiasOptions } from './options.ts'
import { withActivation } from './topology.ts'
import { dataFormatOption, lengths, paddingOf, paddingOption, requireWindow, windowCount } from './window.ts'

/** Keras symbol: keras.layers.Conv2D. */
export const conv2d = defineLayer({
  type: 'conv2d',
  aliases: ['Convolution2D'],
  summary: 'Slides a small kernel over images [height, width, channels]',
  options: () => ({
    filters: z.int().positive().describe('Number of output channels'),
    kernel_size: lengths(2).describe('Height and width of the kernel'),
    strides: lengths(2).prefault(1).describe('Distance between windows'),
    padding: paddingOption(),
    data_format: dataFormatOption(),
    dilation_rate: lengths(2).prefault(1).describe('Distance between the taps of the kernel'),
    groups: z.int().positive().default(1).describe('Groups of channels that do not see each other'),
    activation: activationOption(),
    ...kernelAndBiasOptions(),
  }),
  outputShape(config, input) {
    const window = windowOf(config)
    requireWindow('conv2d', 'kernel_size', input, window)
    const channels = input.at(-1) ?? 0
    if (channels % config.groups !== 0 || config.filters % config.groups !== 0) {
      throw new ShapeError(
        `${channels} channels and ${config.filters} filters do not divide into ${config.groups} groups`,
        {
          option: 'groups',
        },
      )
    }
    return activatedShape(config, [...windowCount(input.slice(0, -1), window), config.filters])
  },
  parameters: (config, input) =>
    kernelAndBias(
      config,
      [...config.kernel_size, (input.at(-1) ?? 0) / config.groups, config.filters],
      config.filters,
    ),
  forward(context, config, x) {
    const { b, parameter } = context
    const { strides, dilation } = windowOf(config)
    const padding = paddingOf(x.shape.slice(1, -1), windowOf(config))
    const product = b.convolution(x, parameter('kernel'), {
      strides,
      dilation,
      padding,
      groups: config.groups,
    })
    return activate(context, config.use_bias ? b.add(product, parameter('bias')) : product, config)
  },
  topology(keras, config, input) {
    if (config.groups > 1) keras.unsupported('conv2d with groups')
    const { filters, kernel_size, strides, padding, dilation_rate, use_bias } = config
    const shape = [...windowCount(input.shape.slice(0, -1), windowOf(config)), filters]
    return withActivation(keras, config.activation, (activation) =>
      keras.layer(
        'Conv2D',
        { filters, kernel_size, strides, padding, dilation_rate, use_bias, activation },
        [input],
        shape,
        use_bias ? { kernel: 'kernel', bias: 'bias' } : { kernel: 'kernel' },
      ),
    )
  },
})

type Options = {
  kernel_size: number[]
  strides: number[]
  dilation_rate: number[]
  padding: 'valid' | 'same'
}

function windowOf({ kernel_size, strides, dilation_rate, padding }: Options) {
  return { size: kernel_size, strides, dilation: dilation_rate, padding }
}
