import * as z from 'zod'

import type { Padding, Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { kernelOptions, requireOneOfStridesAndDilation } from './convolution.ts'
import { defineLayer } from './layer.ts'
import { activate, activatedShape, activationOption, kernelAndBias, kernelAndBiasOptions } from './options.ts'
import { lengths, requireSpatial } from './window.ts'
import { withActivation } from './with-activation.ts'

/**
 * The gradient of a convolution, run as a layer of its own (Dumoulin and Visin 2016, chapter 4).
 * Keras symbol: keras.layers.Conv2DTranspose.
 */
export const conv2dTranspose = defineLayer({
  type: 'conv2d_transpose',
  aliases: ['Convolution2DTranspose', 'Deconvolution2D'],
  summary: 'Transposed convolution: enlarges images [height, width, channels] by its strides',
  options: () => ({
    filters: z.int().positive().describe('Number of output channels'),
    ...kernelOptions(2),
    output_padding: lengths(2, z.int().nonnegative())
      .nullable()
      .default(null)
      .describe(
        'Rows and columns added to the smallest possible output; default: as many as the strides need',
      ),
    activation: activationOption(),
    ...kernelAndBiasOptions(),
  }),
  shapedBy: ['filters', 'kernel_size', 'strides', 'padding', 'output_padding', 'dilation_rate', 'activation'],
  outputShape(config, input) {
    requireSpatial('conv2d_transpose', input, 2)
    requireOneOfStridesAndDilation(config)
    if (config.output_padding?.some((extra, i) => extra >= (config.strides[i] ?? 1))) {
      throw new ShapeError('output_padding must be smaller than strides', {
        option: 'output_padding',
        hint: `strides are [${config.strides.join(', ')}]`,
      })
    }
    const shape = transposedShape(config, input)
    if (shape.some((length) => length < 1)) {
      throw new ShapeError(`nothing is left of the input [${input.join(', ')}]`, {
        option: 'output_padding',
        hint: 'leave output_padding out, or use `padding: valid`',
      })
    }
    return activatedShape(config, shape)
  },
  parameters: (config, input) =>
    kernelAndBias(config, [...config.kernel_size, config.filters, input.at(-1) ?? 0], config.filters),
  forward(context, config, x) {
    const { b, parameter } = context
    const [batch = 0, ...input] = x.shape
    const product = b.convolutionInputGradient(
      x,
      parameter('kernel'),
      [batch, ...transposedShape(config, input)],
      {
        strides: config.strides,
        dilation: config.dilation_rate,
        padding: cropping(config, input),
        groups: 1,
      },
    )
    return activate(context, config.use_bias ? b.add(product, parameter('bias')) : product, config)
  },
  activated: ({ activation }) => activation,
  topology(keras, config, input) {
    const { filters, kernel_size, strides, use_bias, output_padding } = config
    if (Math.max(...config.dilation_rate) > 1) keras.unsupported('conv2d_transpose with dilation_rate')
    const shape = transposedShape(config, input.shape)
    const layer = (padding: 'valid' | 'same', size: Shape) =>
      withActivation(keras, config.activation, (activation) =>
        keras.layer(
          'Conv2DTranspose',
          { filters, kernel_size, strides, padding, use_bias, activation },
          [input],
          size,
          use_bias ? { kernel: 'kernel', bias: 'bias' } : { kernel: 'kernel' },
        ),
      )
    if (output_padding === null) return layer(config.padding === 'same' ? 'same' : 'valid', shape)
    // Without output_padding in TensorFlow.js, the output is cut out of the whole one, where that is large enough.
    const whole = transposedShape({ ...config, padding: 'valid', output_padding: null }, input.shape)
    const border = cropping(config, input.shape).map(([before], i) => [
      before,
      (whole[i] ?? 0) - before - (shape[i] ?? 0),
    ])
    if (border.flat().some((length) => length < 0)) {
      keras.unsupported('conv2d_transpose with this output_padding')
      return layer('valid', shape)
    }
    const activated = layer('valid', whole)
    return keras.layer(
      'Cropping2D',
      { cropping: border },
      [activated],
      [...shape.slice(0, 2), activated.shape.at(-1) ?? 0],
    )
  },
})

type TransposeOptions = {
  readonly filters: number
  readonly kernel_size: Shape
  readonly strides: Shape
  readonly dilation_rate: Shape
  readonly padding: string
  readonly output_padding: Shape | null
}

/** By Keras's rules: with `same` and no output_padding, the output is as large as the input times the strides. */
function transposedShape(config: TransposeOptions, input: Shape): Shape {
  const { padding, output_padding, strides } = config
  const spatial = input.slice(0, -1).map((length, i) => {
    const [stride, taps] = [strides[i] ?? 1, reach(config, i)]
    const extra = output_padding?.[i]
    if (padding === 'valid') return (length - 1) * stride + taps + (extra ?? Math.max(0, stride - taps))
    return extra === undefined ? length * stride : (length - 1) * stride + (taps % 2) + extra
  })
  return [...spatial, config.filters]
}

/** Rows and columns cut off before and after what the taps reach: the padding of the convolution run backwards. */
function cropping(config: TransposeOptions, input: Shape): Padding {
  const output = transposedShape(config, input)
  return input.slice(0, -1).map((length, i): readonly [number, number] => {
    const whole = (length - 1) * (config.strides[i] ?? 1) + reach(config, i)
    const total = Math.max(0, whole - (output[i] ?? 0))
    return [Math.floor(total / 2), Math.ceil(total / 2)]
  })
}

/** The length that the kernel spans along an axis. */
function reach({ kernel_size, dilation_rate }: TransposeOptions, axis: number): number {
  return ((kernel_size[axis] ?? 1) - 1) * (dilation_rate[axis] ?? 1) + 1
}
