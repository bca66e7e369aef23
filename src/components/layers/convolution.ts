import * as z from 'zod'

import type { ExpressionBuilder } from '../../ir/expression-builder.ts'
import type { ConvolutionGeometry, Shape, Value } from '../../ir/ir.ts'
import { defineLayer } from './layer.ts'
import { ShapeError } from '../shape-error.ts'
import { isKnown } from '../unknown-size.ts'
import { activate, activatedShape, activationOption, kernelAndBias, kernelAndBiasOptions } from './options.ts'
import { withActivation } from './with-activation.ts'
import type { KerasTensor, Topology } from '../topology.ts'
import { dataFormatOption, lengths, paddingOf, paddingOption, requireWindow, windowCount } from './window.ts'
import type { PaddingMode, SlidingWindow } from './window.ts'

/** The options of a kernel that slides over `rank` spatial axes. */
export function kernelOptions(rank: number, modes?: readonly PaddingMode[]) {
  return {
    kernel_size: lengths(rank).describe('Size of the kernel along each spatial axis'),
    strides: lengths(rank).prefault(1).describe('Distance between windows'),
    padding: paddingOption(modes),
    data_format: dataFormatOption(),
    dilation_rate: lengths(rank).prefault(1).describe('Distance between the taps of the kernel'),
  }
}

type KernelConfig = {
  readonly kernel_size: Shape
  readonly strides: Shape
  readonly dilation_rate: Shape
  readonly padding: PaddingMode
}

export function windowOf({ kernel_size, strides, dilation_rate, padding }: KernelConfig): SlidingWindow & {
  readonly dilation: Shape
} {
  return { size: kernel_size, strides, dilation: dilation_rate, padding }
}

/** Throws where an input is no image (or sequence, or volume) that the kernel fits into. */
export function requireKernel(type: string, input: Shape, config: KernelConfig): void {
  requireWindow(type, 'kernel_size', input, windowOf(config))
  requireOneOfStridesAndDilation(config)
}

export function requireOneOfStridesAndDilation({
  strides,
  dilation_rate,
}: Pick<KernelConfig, 'strides' | 'dilation_rate'>): void {
  if (Math.max(...strides) === 1 || Math.max(...dilation_rate) === 1) return
  throw new ShapeError('strides and dilation_rate cannot both be above 1', {
    option: 'dilation_rate',
    hint: 'leave one of them out',
  })
}

const SUMMARY = {
  1: 'Slides a small kernel over sequences [steps, channels]',
  2: 'Slides a small kernel over images [height, width, channels]',
  3: 'Slides a small kernel over volumes [depth, height, width, channels]',
}

/** A convolution over `rank` spatial axes. Keras symbols: keras.layers.Conv1D, Conv2D, Conv3D. */
export function defineConvolution(rank: 1 | 2 | 3) {
  const type = `conv${rank}d`
  return defineLayer({
    type,
    aliases: [`Convolution${rank}D`],
    summary: SUMMARY[rank],
    options: () => ({
      filters: z.int().positive().describe('Number of output channels'),
      ...kernelOptions(rank, rank === 1 ? ['valid', 'same', 'causal'] : undefined),
      groups: z.int().positive().default(1).describe('Groups of channels that are convolved separately'),
      activation: activationOption(),
      ...kernelAndBiasOptions(),
    }),
    shapedBy: ['filters', 'kernel_size', 'strides', 'padding', 'dilation_rate', 'groups', 'activation'],
    outputShape(config, input) {
      requireKernel(type, input, config)
      requireGroups(config, input.at(-1) ?? 0)
      return activatedShape(config, convolvedShape(config, input))
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
      const geometry = { strides, dilation, padding, groups: config.groups }
      const kernel = parameter('kernel')
      const product =
        rank === 3 ? convolveVolumes(b, x, kernel, geometry) : b.convolution(x, kernel, geometry)
      return activate(context, config.use_bias ? b.add(product, parameter('bias')) : product, config)
    },
    activated: ({ activation }) => activation,
    topology(keras, config, input) {
      if (config.groups > 1) keras.unsupported(`${type} with groups`)
      const { filters, kernel_size, strides, dilation_rate, use_bias } = config
      const causal = config.padding === 'causal'
      const padded = causal ? padBefore(keras, input, paddingOf(input.shape, windowOf(config))[0]) : input
      const padding = causal ? 'valid' : config.padding
      return withActivation(keras, config.activation, (activation) =>
        keras.layer(
          `Conv${rank}D`,
          { filters, kernel_size, strides, padding, dilation_rate, use_bias, activation },
          [padded],
          convolvedShape(config, input.shape),
          use_bias ? { kernel: 'kernel', bias: 'bias' } : { kernel: 'kernel' },
        ),
      )
    },
  })
}

/** A convolution over [batch, depth, height, width, channels]: a sum of one over images for each tap along the depth. */
function convolveVolumes(
  b: ExpressionBuilder,
  x: Value,
  kernel: Value,
  { strides, dilation, padding, groups }: ConvolutionGeometry,
): Value {
  const [batch = 0, depth = 0, ...image] = x.shape
  const [taps = 1, ...tap] = kernel.shape
  const [stride = 1, ...imageStrides] = strides
  const [distance = 1, ...imageDilation] = dilation
  const [[before, after] = [0, 0], ...imagePadding] = padding
  const reach = (taps - 1) * distance
  const count = Math.floor((before + depth + after - reach - 1) / stride) + 1
  const missing = Math.max(0, reach + count * stride - before - depth)
  const whole = b.pad(x, [[0, 0], [before, missing], ...image.map((): [number, number] => [0, 0])])
  const terms = Array.from({ length: taps }, (_, t) => {
    const strided = b.sliceAxis(whole, 1, t * distance, count * stride)
    const rows = b.reshape(strided, [batch * count, stride, ...image])
    const planes = b.reshape(b.sliceAxis(rows, 1, 0, 1), [batch * count, ...image])
    return b.convolution(planes, b.reshape(b.sliceAxis(kernel, 0, t, 1), tap), {
      strides: imageStrides,
      dilation: imageDilation,
      padding: imagePadding,
      groups,
    })
  })
  const sum = terms.reduce((total, term) => b.add(total, term))
  return b.reshape(sum, [batch, count, ...sum.shape.slice(1)])
}

/** The shape of a convolution's output. */
export function convolvedShape(config: KernelConfig & { readonly filters: number }, input: Shape): Shape {
  return [...windowCount(input.slice(0, -1), windowOf(config)), config.filters]
}

function requireGroups({ filters, groups }: { filters: number; groups: number }, channels: number): void {
  if ((channels % groups === 0 || !isKnown([channels])) && filters % groups === 0) return
  throw new ShapeError(`${channels} channels and ${filters} filters do not divide into ${groups} groups`, {
    option: 'groups',
    hint: 'both must be multiples of it',
  })
}

/** TensorFlow.js pads images only, and its causal convolutions fail: the sequence becomes an image one column wide. */
function padBefore(
  keras: Topology,
  { layer, shape: [steps = 0, channels = 0] }: KerasTensor,
  [before, after]: readonly [number, number] = [0, 0],
): KerasTensor {
  const reshape = (x: KerasTensor, shape: Shape): KerasTensor =>
    keras.layer('Reshape', { target_shape: shape }, [x], shape)
  const image = reshape({ layer, shape: [steps, channels] }, [steps, 1, channels])
  const length = before + steps + after
  const border = [
    [before, after],
    [0, 0],
  ]
  const padded = keras.layer('ZeroPadding2D', { padding: border }, [image], [length, 1, channels])
  return reshape(padded, [length, channels])
}
