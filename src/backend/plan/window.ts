// The reads of a convolution and of its input gradient, axis by axis. Both are sums over
// taps; a stride turns the input gradient into one such sum for each remainder of the output's index.

import type { ConvolutionGeometry, Padding, Shape } from '../../ir/ir.ts'

/** A convolution of [batch, height, width, channels] images; one spatial axis is a height of 1. */
export type ConvolutionWindow = {
  readonly batch: number
  readonly input: Shape
  readonly channels: number
  readonly output: Shape
  readonly filters: number
  readonly size: Shape
  readonly strides: Shape
  readonly dilation: Shape
  readonly padding: Padding
  readonly groups: number
}

/** The convolution of x with a kernel to y, of one or two spatial axes. */
export function windowOf(
  x: Shape,
  kernel: Shape,
  y: Shape,
  geometry: ConvolutionGeometry,
): ConvolutionWindow {
  const spatial = x.length - 2
  if (spatial !== 1 && spatial !== 2) throw new Error(`a convolution over ${spatial} axes has no kernel`)
  const pair = (shape: Shape): Shape => (spatial === 1 ? [1, ...shape] : shape)
  return {
    batch: x[0] ?? 1,
    input: pair(x.slice(1, -1)),
    channels: x.at(-1) ?? 1,
    output: pair(y.slice(1, -1)),
    filters: y.at(-1) ?? 1,
    size: pair(kernel.slice(0, spatial)),
    strides: pair(geometry.strides),
    dilation: pair(geometry.dilation),
    padding: spatial === 1 ? [[0, 0], ...geometry.padding] : geometry.padding,
    groups: geometry.groups,
  }
}

/** True if every channel is convolved alone, to one filter. */
export function isDepthwise({ groups, channels, filters }: ConvolutionWindow): boolean {
  return groups > 1 && groups === channels && groups === filters
}

/**
 * Along one axis: output start + i * stride (i < outputs) sums over taps t the source at
 * first + i * sourceStep + t * tapStep, times the kernel at taps[t].
 */
export type AxisTaps = {
  readonly outputs: number
  readonly start: number
  readonly stride: number
  readonly first: number
  readonly sourceStep: number
  readonly taps: readonly number[]
  readonly tapStep: number
}

/** The axis of a window as the convolution reads x. */
export function forwardTaps(window: ConvolutionWindow, axis: number): AxisTaps {
  return {
    outputs: lengthAt(window.output, axis),
    start: 0,
    stride: 1,
    first: -(window.padding[axis]?.[0] ?? 0),
    sourceStep: lengthAt(window.strides, axis),
    taps: Array.from({ length: lengthAt(window.size, axis) }, (_, tap) => tap),
    tapStep: lengthAt(window.dilation, axis),
  }
}

/** The axis of a window as the input gradient reads dy: input i meets output (i + padding - tap * dilation) / stride. */
export function inputGradientTaps(window: ConvolutionWindow, axis: number): AxisTaps[] {
  const [length, size] = [lengthAt(window.input, axis), lengthAt(window.size, axis)]
  const [stride, dilation] = [lengthAt(window.strides, axis), lengthAt(window.dilation, axis)]
  const padding = window.padding[axis]?.[0] ?? 0
  return Array.from({ length: Math.min(stride, length) }, (_, start) => {
    const source = (tap: number): number => (start + padding - tap * dilation) / stride
    const taps = Array.from({ length: size }, (_, i) => size - 1 - i).filter((tap) =>
      Number.isInteger(source(tap)),
    )
    const [first = 0, second = first] = taps
    return {
      outputs: Math.ceil((length - start) / stride),
      start,
      stride,
      first: taps.length > 0 ? source(first) : 0,
      sourceStep: 1,
      taps,
      tapStep: source(second) - source(first),
    }
  })
}

/** Zeros that windows read before and after a source of some length. */
export function paddingOf(axes: readonly AxisTaps[], length: number): readonly [number, number] {
  const last = axes.map(
    ({ first, outputs, sourceStep, taps, tapStep }) =>
      first + (outputs - 1) * sourceStep + Math.max(0, taps.length - 1) * tapStep,
  )
  return [
    Math.max(0, ...axes.map(({ first }) => -first)),
    Math.max(0, ...last.map((index) => index - length + 1)),
  ]
}

export function lengthAt(shape: Shape, axis: number): number {
  return shape[axis] ?? 1
}
