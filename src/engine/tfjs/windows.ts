// Convolutions and pools on the operations of TensorFlow.js, which know images and volumes.

import type * as tfjs from '@tensorflow/tfjs-core'

import type { Padding, Shape, Value } from '../../ir/ir.ts'
import type { Tensor, Tf } from './backend.ts'

export function convolution(tf: Tf, value: Value<'convolution'>, x: Tensor, kernel: Tensor): Tensor {
  const padded = padSpatial(tf, x, value.padding)
  const spatial = x.rank - 2
  if (value.groups > 1) return groupedConvolution(tf, value, padded, kernel)
  if (spatial === 3) {
    return tf.conv3d(five(tf, padded), five(tf, kernel), triple(value.strides), 'valid')
  }
  const [image, filter] = [asImage(tf, padded), asImageKernel(tf, kernel)]
  const result = tf.conv2d(image, filter, couple(value.strides), 'valid')
  return tf.reshape(result, [...value.shape])
}

/** A depthwise convolution where each group is one channel, else one convolution a group. */
function groupedConvolution(tf: Tf, value: Value<'convolution'>, x: Tensor, kernel: Tensor): Tensor {
  const perGroup = (kernel.shape.at(-1) ?? 0) / value.groups
  if (kernel.shape.at(-2) === 1 && x.rank <= 4) {
    const image = asImage(tf, x)
    const filter = asImageKernel(tf, kernel)
    const [height, width] = filter.shape
    const depthwise = tf.reshape(filter, [height, width, value.groups, perGroup])
    if (depthwise.rank !== 4) throw new Error('a depthwise kernel has four axes')
    const taps: tfjs.Tensor4D = tf.reshape(depthwise, [height, width, value.groups, perGroup])
    const result = tf.depthwiseConv2d(image, taps, couple(value.strides), 'valid')
    return tf.reshape(result, [...value.shape])
  }
  const inputs = tf.split(x, value.groups, -1)
  const kernels = tf.split(kernel, value.groups, -1)
  const single = {
    ...value,
    groups: 1,
    padding: value.padding.map((): [number, number] => [0, 0]),
    shape: value.shape.with(-1, perGroup),
  }
  const parts = inputs.flatMap((part, i) => {
    const filter = kernels[i]
    return filter === undefined ? [] : [convolution(tf, single, part, filter)]
  })
  return tf.concat(parts, -1)
}

/** Computed for the padded input, whose border is then cut off. */
export function convolutionInputGradient(
  tf: Tf,
  value: Value<'convolution_input_gradient'>,
  dy: Tensor,
  kernel: Tensor,
): Tensor {
  if (value.groups > 1) {
    const single = {
      ...value,
      groups: 1,
      shape: value.shape.with(-1, (value.shape.at(-1) ?? 0) / value.groups),
    }
    const kernels = tf.split(kernel, value.groups, -1)
    const parts = tf.split(dy, value.groups, -1).flatMap((part, i) => {
      const filter = kernels[i]
      return filter === undefined ? [] : [convolutionInputGradient(tf, single, part, filter)]
    })
    return tf.concat(parts, -1)
  }
  const border = [[0, 0] as const, ...value.padding, [0, 0] as const]
  const padded = value.shape.map((length, i) => length + (border[i]?.[0] ?? 0) + (border[i]?.[1] ?? 0))
  const whole = transposed(tf, dy, kernel, padded, value.strides)
  return tf.slice(
    tf.reshape(whole, padded),
    border.map(([before]) => before),
    [...value.shape],
  )
}

function transposed(tf: Tf, dy: Tensor, kernel: Tensor, shape: number[], strides: Shape): Tensor {
  const [batch = 0, a = 0, b = 0, c = 0, d = 0] = shape
  if (dy.rank === 5) {
    return tf.conv3dTranspose(five(tf, dy), five(tf, kernel), [batch, a, b, c, d], triple(strides), 'valid')
  }
  const image: [number, number, number, number] = dy.rank === 3 ? [batch, 1, a, b] : [batch, a, b, c]
  return tf.conv2dTranspose(asImage(tf, dy), asImageKernel(tf, kernel), image, couple(strides), 'valid')
}

export function pool(tf: Tf, value: Value<'pool'>, x: Tensor): Tensor {
  const spatial = x.rank - 2
  const most = value.function === 'max'
  const border = value.padding.some(([before, after]) => before > 0 || after > 0)
  const valid = (input: Tensor): Tensor => {
    if (spatial === 3) {
      const image = five(tf, input)
      const [size, strides] = [triple(value.size), triple(value.strides)]
      return most ? tf.maxPool3d(image, size, strides, 'valid') : tf.avgPool3d(image, size, strides, 'valid')
    }
    const image = asImage(tf, input)
    const [size, strides] = [couple(value.size), couple(value.strides)]
    const result = most
      ? tf.maxPool(image, size, strides, 'valid')
      : tf.avgPool(image, size, strides, 'valid')
    return tf.reshape(result, [...value.shape])
  }
  if (!border) return valid(x)
  if (most) return valid(padSpatial(tf, x, value.padding, -3.4e38))
  // The mean over the elements inside: sums divided by their number, both as averages over whole windows.
  const inside = valid(padSpatial(tf, tf.onesLike(x), value.padding))
  return tf.div(valid(padSpatial(tf, x, value.padding)), inside)
}

/** Padding as TensorFlow.js takes it. */
export function pairsOf(padding: Padding): [number, number][] {
  return padding.map(([before, after]) => [before, after])
}

function padSpatial(tf: Tf, x: Tensor, padding: Padding, filler = 0): Tensor {
  if (padding.every(([before, after]) => before === 0 && after === 0)) return x
  return tf.pad(x, [[0, 0], ...pairsOf(padding), [0, 0]], filler)
}

/** [batch, length, channels] as an image one row high; images as they are. */
function asImage(tf: Tf, x: Tensor): tfjs.Tensor4D {
  const [batch = 0, ...rest] = x.shape
  const [height = 0, width = 0, channels = 0] = rest.length === 2 ? [1, ...rest] : rest
  return tf.reshape(x, [batch, height, width, channels])
}

function asImageKernel(tf: Tf, kernel: Tensor): tfjs.Tensor4D {
  const [height = 0, width = 0, channels = 0, filters = 0] =
    kernel.rank === 3 ? [1, ...kernel.shape] : kernel.shape
  return tf.reshape(kernel, [height, width, channels, filters])
}

function five(tf: Tf, x: Tensor): tfjs.Tensor5D {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = x.shape
  return tf.reshape(x, [a, b, c, d, e])
}

function couple(lengths: Shape): [number, number] {
  const [first = 1, second] = lengths
  return second === undefined ? [1, first] : [first, second]
}

function triple(lengths: Shape): [number, number, number] {
  const [a = 1, b = 1, c = 1] = lengths
  return [a, b, c]
}
