// wasm lacks both gradients of the depthwise convolution.
import type { Tf } from '../backend.ts'
import { given, sizeOf, valuesOf } from './fix.ts'
import type { Attrs, Inputs, KernelFix, Tensor } from './fix.ts'
import { convolutionWindows, eachWindow } from './windows.ts'

/** dy [batch, height, width, channels * multiplier], the filter [...window, channels, multiplier]. */
function inputGradient(tf: Tf, inputs: Inputs, attrs: Attrs): Tensor {
  const { shape } = given(inputs, 'filter')
  const [channels = 0, multiplier = 0] = shape.slice(-2)
  const [dy, filter] = [valuesOf(inputs, 'dy'), valuesOf(inputs, 'filter')]
  const outputs = channels * multiplier
  const dx = new Float32Array(sizeOf(attrs.inputShape))
  eachWindow(convolutionWindows(tf, attrs.inputShape, shape, attrs), (position, inside, taps) => {
    for (const [i, cell] of inside.entries()) {
      const from = (taps[i] ?? 0) * outputs
      for (let q = 0; q < outputs; q++) {
        const at = cell * channels + Math.floor(q / multiplier)
        dx[at] = (dx[at] ?? 0) + (dy[position * outputs + q] ?? 0) * (filter[from + q] ?? 0)
      }
    }
  })
  return tf.tensor(dx, attrs.inputShape)
}

function filterGradient(tf: Tf, inputs: Inputs, attrs: Attrs): Tensor {
  const [channels = 0, multiplier = 0] = attrs.filterShape.slice(-2)
  const [x, dy] = [valuesOf(inputs, 'x'), valuesOf(inputs, 'dy')]
  const outputs = channels * multiplier
  const gradient = new Float32Array(sizeOf(attrs.filterShape))
  const windows = convolutionWindows(tf, given(inputs, 'x').shape, attrs.filterShape, attrs)
  eachWindow(windows, (position, inside, taps) => {
    for (const [i, cell] of inside.entries()) {
      const to = (taps[i] ?? 0) * outputs
      for (let q = 0; q < outputs; q++) {
        const value = x[cell * channels + Math.floor(q / multiplier)] ?? 0
        gradient[to + q] = (gradient[to + q] ?? 0) + value * (dy[position * outputs + q] ?? 0)
      }
    }
  })
  return tf.tensor(gradient, attrs.filterShape)
}

export const depthwiseFixes: readonly KernelFix[] = [
  { kernelName: 'DepthwiseConv2dNativeBackpropInput', backends: ['wasm'], compute: inputGradient },
  { kernelName: 'DepthwiseConv2dNativeBackpropFilter', backends: ['wasm'], compute: filterGradient },
]
