// wasm's max pooling starts from the smallest positive number instead of minus infinity; cpu's gradient of it in space
// finds the wrong element where windows overlap; the average's gradient of wasm and cpu divides by the size of the window where the average itself counts the elements inside.
import { sizeOf } from '../../../ir/ir.ts'
import type { Tensor, Tf } from '../backend.ts'
import { given, valuesOf } from './fix.ts'
import type { Attrs, KernelInputs, KernelFix } from './fix.ts'
import { eachWindow, poolWindows } from './windows.ts'

function maxPool(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
  const { shape } = given(inputs, 'x')
  const channels = shape.at(-1) ?? 0
  const windows = poolWindows(tf, shape, attrs)
  const x = valuesOf(inputs, 'x')
  const y = new Float32Array(windows.batch * sizeOf(windows.output) * channels).fill(-Infinity)
  eachWindow(windows, (position, inside) => {
    for (const cell of inside) {
      for (let c = 0; c < channels; c++) {
        const value = x[cell * channels + c] ?? 0
        // Written so that NaN wins, as in TensorFlow.
        if (!(value <= (y[position * channels + c] ?? 0))) y[position * channels + c] = value
      }
    }
  })
  return tf.tensor(y, [windows.batch, ...windows.output, channels])
}

/** All of an output's gradient goes to the first largest element of its window. */
function maxPoolGradient(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
  const { shape } = given(inputs, 'input')
  const channels = shape.at(-1) ?? 0
  const x = valuesOf(inputs, 'input')
  const dy = valuesOf(inputs, 'dy')
  const dx = new Float32Array(x.length)
  eachWindow(poolWindows(tf, shape, attrs), (position, inside) => {
    for (let c = 0; c < channels; c++) {
      let largest = -Infinity
      let at = (inside[0] ?? 0) * channels + c
      for (const cell of inside) {
        const value = x[cell * channels + c] ?? 0
        if (value > largest) {
          largest = value
          at = cell * channels + c
        }
      }
      dx[at] = (dx[at] ?? 0) + (dy[position * channels + c] ?? 0)
    }
  })
  return tf.tensor(dx, shape)
}

function averagePoolGradient(tf: Tf, inputs: KernelInputs, attrs: Attrs): Tensor {
  const { shape } = given(inputs, 'input')
  const channels = shape.at(-1) ?? 0
  const dy = valuesOf(inputs, 'dy')
  const dx = new Float32Array(sizeOf(shape))
  eachWindow(poolWindows(tf, shape, attrs), (position, inside) => {
    for (const cell of inside) {
      for (let c = 0; c < channels; c++) {
        const at = cell * channels + c
        dx[at] = (dx[at] ?? 0) + (dy[position * channels + c] ?? 0) / inside.length
      }
    }
  })
  return tf.tensor(dx, shape)
}

export const poolingFixes: readonly KernelFix[] = [
  { kernelName: 'MaxPool3D', backends: ['wasm'], compute: maxPool },
  { kernelName: 'MaxPoolGrad', backends: ['wasm'], compute: maxPoolGradient },
  { kernelName: 'MaxPool3DGrad', backends: ['wasm', 'cpu'], compute: maxPoolGradient },
  { kernelName: 'AvgPoolGrad', backends: ['wasm', 'cpu'], compute: averagePoolGradient },
  { kernelName: 'AvgPool3DGrad', backends: ['wasm', 'cpu'], compute: averagePoolGradient },
]
