// wasm lacks both gradients of the depthwise convolution; TensorFlow on a CPU has none that is dilated.
import { sizeOf } from '../../../ir/ir.ts'
import type { Tensor, Tf } from '../backend.ts'
import { given, perAxis, valuesOf } from './fix.ts'
import type { Attrs, KernelInputs, Kernel, KernelFix } from './fix.ts'
import { convolutionWindows, dilate, eachWindow } from './windows.ts'

/** dy [batch, height, width, channels * multiplier], the filter [...window, channels, multiplier]. */
function inputGradient(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
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

function filterGradient(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
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

/** A dilated convolution is a convolution by a filter with zeros between its taps. */
function undilated(tf: Tf, inputs: KernelInputs, attrs: Attrs, original: Kernel): Tensor {
  const dilations = perAxis(attrs.dilations, 2)
  if (dilations.every((step) => step === 1)) return original(inputs, attrs)
  return tf.tidy(() => {
    const wide = dilate(tf, given(inputs, 'filter'), dilations)
    return original({ ...inputs, filter: wide }, { ...attrs, dilations: [1, 1] })
  })
}

export const depthwiseFixes: readonly KernelFix[] = [
  { kernelName: 'DepthwiseConv2dNative', backends: ['tensorflow'], compute: undilated },
  { kernelName: 'DepthwiseConv2dNativeBackpropInput', backends: ['wasm'], compute: inputGradient },
  { kernelName: 'DepthwiseConv2dNativeBackpropFilter', backends: ['wasm'], compute: filterGradient },
]
