// wasm lacks the gradient of an image's convolution to its filter and computes those in space wrongly; no backend has
// gradients of dilated convolutions, nor of transposed ones in space.
import type * as tfjs from '@tensorflow/tfjs-core'

import { sizeOf } from '../../../ir/ir.ts'
import type { Tensor, Tf } from '../backend.ts'
import { given, perAxis, run, valuesOf } from './fix.ts'
import type { Attrs, GradientFix, KernelInputs, KernelFix } from './fix.ts'
import { convolutionWindows, dilate, eachWindow, undilate } from './windows.ts'

/** A convolution of x by dy, both with batch and channels exchanged: it has as many taps as dy has positions. */
function filterGradient2d(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
  const [x, dy] = [given(inputs, 'x'), given(inputs, 'dy')]
  const { output, size, strides, before } = convolutionWindows(tf, x.shape, attrs.filterShape, attrs)
  const tall = (output[1] - 1) * strides[1] + size[1]
  const wide = (output[2] - 1) * strides[2] + size[2]
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape
  const [rows, columns] = [Math.min(height, tall - before[1]), Math.min(width, wide - before[2])]
  return tf.tidy(() => {
    const reached = tf.pad(tf.slice(x, 0, [batch, rows, columns, channels]), [
      [0, 0],
      [before[1], tall - before[1] - rows],
      [before[2], wide - before[2] - columns],
      [0, 0],
    ])
    const images: tfjs.Tensor4D = tf.transpose(
      tf.reshape(reached, [batch, tall, wide, channels]),
      [3, 1, 2, 0],
    )
    const filter: tfjs.Tensor4D = tf.transpose(
      tf.reshape(dy, [batch, output[1], output[2], -1]),
      [1, 2, 0, 3],
    )
    const gradient = tf.conv2d(images, filter, 1, 'valid', 'NHWC', [strides[1], strides[2]])
    return tf.transpose(gradient, [1, 2, 0, 3])
  })
}

function inputGradient3d(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
  const { shape } = given(inputs, 'filter')
  const [channels = 0, filters = 0] = shape.slice(-2)
  const [dy, filter] = [valuesOf(inputs, 'dy'), valuesOf(inputs, 'filter')]
  const dx = new Float32Array(sizeOf(attrs.inputShape))
  eachWindow(convolutionWindows(tf, attrs.inputShape, shape, attrs), (position, inside, taps) => {
    for (const [i, cell] of inside.entries()) {
      for (let c = 0; c < channels; c++) {
        const from = ((taps[i] ?? 0) * channels + c) * filters
        let sum = dx[cell * channels + c] ?? 0
        for (let k = 0; k < filters; k++) sum += (dy[position * filters + k] ?? 0) * (filter[from + k] ?? 0)
        dx[cell * channels + c] = sum
      }
    }
  })
  return tf.tensor(dx, attrs.inputShape)
}

function filterGradient3d(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
  const [channels = 0, filters = 0] = attrs.filterShape.slice(-2)
  const [x, dy] = [valuesOf(inputs, 'x'), valuesOf(inputs, 'dy')]
  const gradient = new Float32Array(sizeOf(attrs.filterShape))
  const windows = convolutionWindows(tf, given(inputs, 'x').shape, attrs.filterShape, attrs)
  eachWindow(windows, (position, inside, taps) => {
    for (const [i, cell] of inside.entries()) {
      for (let c = 0; c < channels; c++) {
        const to = ((taps[i] ?? 0) * channels + c) * filters
        const value = x[cell * channels + c] ?? 0
        for (let k = 0; k < filters; k++) {
          gradient[to + k] = (gradient[to + k] ?? 0) + value * (dy[position * filters + k] ?? 0)
        }
      }
    }
  })
  return tf.tensor(gradient, attrs.filterShape)
}

export const convolutionFixes: readonly KernelFix[] = [
  { kernelName: 'Conv2DBackpropFilter', backends: ['wasm'], compute: filterGradient2d },
  { kernelName: 'Conv3DBackpropInputV2', backends: ['wasm'], compute: inputGradient3d },
  { kernelName: 'Conv3DBackpropFilterV2', backends: ['wasm'], compute: filterGradient3d },
]

/** A dilated convolution is a convolution by a filter with zeros between its taps. */
function dilatedGradient(
  kernelName: string,
  axes: number,
  inputKernel: string,
  filterKernel: string,
): GradientFix {
  return {
    kernelName,
    saves: ['x', 'filter'],
    gradient: (tf, { dy, inputs, attrs, original }) => {
      const dilations = perAxis(attrs.dilations, axes)
      if (dilations.every((step) => step === 1)) return original()
      const [x, filter] = [given(inputs, 'x'), given(inputs, 'filter')]
      const wide = dilate(tf, filter, dilations)
      const plain = { ...attrs, dilations: dilations.map(() => 1) }
      return {
        x: () => run(tf, inputKernel, { dy, filter: wide }, { ...plain, inputShape: x.shape }),
        filter: () =>
          undilate(tf, run(tf, filterKernel, { x, dy }, { ...plain, filterShape: wide.shape }), dilations),
      }
    },
  }
}

export const convolutionGradients: readonly GradientFix[] = [
  dilatedGradient('Conv2D', 2, 'Conv2DBackpropInput', 'Conv2DBackpropFilter'),
  dilatedGradient('Conv3D', 3, 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'),
  dilatedGradient(
    'DepthwiseConv2dNative',
    2,
    'DepthwiseConv2dNativeBackpropInput',
    'DepthwiseConv2dNativeBackpropFilter',
  ),
  {
    kernelName: 'Conv3DBackpropInputV2',
    saves: ['dy', 'filter'],
    gradient: (tf, { dy: x, inputs, attrs }) => {
      const [dy, filter] = [given(inputs, 'dy'), given(inputs, 'filter')]
      return {
        dy: () => run(tf, 'Conv3D', { x, filter }, { ...attrs, dilations: [1, 1, 1] }),
        filter: () => run(tf, 'Conv3DBackpropFilterV2', { x, dy }, { ...attrs, filterShape: filter.shape }),
      }
    },
  },
]
