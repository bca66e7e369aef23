// Convolutions, pools and their gradients, element by element.

import { sizeOf } from '../ir.ts'
import type { ConvolutionGeometry, Padding, PoolGeometry, Shape, Value } from '../ir.ts'
import type { Elements } from './elements.ts'
import { REDUCE } from './scalar-functions.ts'

type Sliding = {
  readonly size: Shape
  readonly strides: Shape
  readonly padding: Padding
  readonly dilation?: Shape
}

/** Calls back for every tap of every window inside an input: positions in the spatial axes and in the window. */
function eachTap(
  { size, strides, padding, dilation }: Sliding,
  [input, output]: [Shape, Shape],
  visit: (output: number, input: number, tap: number) => void,
): void {
  const walk = (axis: number, at: number, from: number, tap: number): void => {
    const [length, count] = [input[axis], output[axis]]
    if (length === undefined || count === undefined) return visit(at, from, tap)
    const [window, stride, spread] = [size[axis] ?? 1, strides[axis] ?? 1, dilation?.[axis] ?? 1]
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < window; k++) {
        const source = i * stride + k * spread - (padding[axis]?.[0] ?? 0)
        if (source < 0 || source >= length) continue
        walk(axis + 1, at * count + i, from * length + source, tap * window + k)
      }
    }
  }
  walk(0, 0, 0, 0)
}

/** Calls back for every (output element, input element, kernel element) of a convolution of x into y. */
function eachProduct(
  geometry: ConvolutionGeometry,
  [x, kernel, y]: [Shape, Shape, Shape],
  visit: (y: number, x: number, kernel: number) => void,
): void {
  const [batch = 0, inputs, outputs] = [x[0], x.slice(1, -1), y.slice(1, -1)]
  const [channels, filters] = [kernel.at(-2) ?? 0, kernel.at(-1) ?? 0]
  const perGroup = filters / geometry.groups
  eachTap({ ...geometry, size: kernel.slice(0, -2) }, [inputs, outputs], (at, from, tap) => {
    for (let row = 0; row < batch; row++) {
      const startY = (row * sizeOf(outputs) + at) * filters
      const startX = (row * sizeOf(inputs) + from) * channels * geometry.groups
      for (let filter = 0; filter < filters; filter++) {
        const group = startX + Math.floor(filter / perGroup) * channels
        for (let channel = 0; channel < channels; channel++) {
          visit(startY + filter, group + channel, (tap * channels + channel) * filters + filter)
        }
      }
    }
  })
}

export function convolution(value: Value<'convolution'>, x: Elements, kernel: Elements): Elements {
  const y = new Float64Array(sizeOf(value.shape))
  eachProduct(value, [value.x.shape, value.kernel.shape, value.shape], (to, from, k) => {
    y[to] = (y[to] ?? NaN) + (x[from] ?? NaN) * (kernel[k] ?? NaN)
  })
  return y
}

export function convolutionInputGradient(
  value: Value<'convolution_input_gradient'>,
  dy: Elements,
  kernel: Elements,
): Elements {
  const dx = new Float64Array(sizeOf(value.shape))
  eachProduct(value, [value.shape, value.kernel.shape, value.dy.shape], (from, to, k) => {
    dx[to] = (dx[to] ?? NaN) + (dy[from] ?? NaN) * (kernel[k] ?? NaN)
  })
  return dx
}

export function convolutionKernelGradient(
  value: Value<'convolution_kernel_gradient'>,
  x: Elements,
  dy: Elements,
): Elements {
  const dk = new Float64Array(sizeOf(value.shape))
  eachProduct(value, [value.x.shape, value.shape, value.dy.shape], (from, source, k) => {
    dk[k] = (dk[k] ?? NaN) + (dy[from] ?? NaN) * (x[source] ?? NaN)
  })
  return dk
}

/** Calls back for every (output element, input element) of a pool of x into y; the elements of a window in order. */
function eachPooled(
  geometry: PoolGeometry,
  [x, y]: [Shape, Shape],
  visit: (y: number, x: number) => void,
): void {
  const [batch = 0, inputs, outputs, channels = 0] = [x[0], x.slice(1, -1), y.slice(1, -1), x.at(-1)]
  eachTap(geometry, [inputs, outputs], (at, from) => {
    for (let row = 0; row < batch; row++) {
      const startY = (row * sizeOf(outputs) + at) * channels
      const startX = (row * sizeOf(inputs) + from) * channels
      for (let channel = 0; channel < channels; channel++) visit(startY + channel, startX + channel)
    }
  })
}

/** The number of elements inside the input of each window. */
function windowCounts(geometry: PoolGeometry, shapes: [Shape, Shape]): Elements {
  const counts = new Float64Array(sizeOf(shapes[1]))
  eachPooled(geometry, shapes, (to) => (counts[to] = (counts[to] ?? NaN) + 1))
  return counts
}

export function pool(value: Value<'pool'>, x: Elements): Elements {
  const shapes: [Shape, Shape] = [value.x.shape, value.shape]
  const { start, step } = REDUCE[value.function === 'max' ? 'max' : 'sum']
  const y = new Float64Array(sizeOf(value.shape)).fill(start)
  eachPooled(value, shapes, (to, from) => (y[to] = step(y[to] ?? NaN, x[from] ?? NaN)))
  if (value.function === 'max') return y
  const counts = windowCounts(value, shapes)
  return y.map((sum, i) => sum / (counts[i] ?? NaN))
}

export function maxPoolGradient(
  value: Value<'max_pool_gradient'>,
  x: Elements,
  y: Elements,
  dy: Elements,
): Elements {
  const dx = new Float64Array(sizeOf(value.shape))
  const given = new Set<number>()
  eachPooled(value, [value.shape, value.y.shape], (from, to) => {
    if (x[to] !== y[from] || given.has(from)) return
    given.add(from)
    dx[to] = (dx[to] ?? NaN) + (dy[from] ?? NaN)
  })
  return dx
}

export function averagePoolGradient(value: Value<'average_pool_gradient'>, dy: Elements): Elements {
  const shapes: [Shape, Shape] = [value.shape, value.dy.shape]
  const counts = windowCounts(value, shapes)
  const dx = new Float64Array(sizeOf(value.shape))
  eachPooled(value, shapes, (from, to) => {
    dx[to] = (dx[to] ?? NaN) + (dy[from] ?? NaN) / (counts[from] ?? NaN)
  })
  return dx
}
