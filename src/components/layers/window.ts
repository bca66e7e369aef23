import * as z from 'zod'

import type { Padding, Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'

/** An option that is one length for all axes or a list of `rank`: always a list once validated. */
export function lengths(rank: number, length = z.int().positive()) {
  return z.union([
    length.transform((one) => Array.from({ length: rank }, () => one)),
    z.array(length).length(rank),
  ])
}

/** Padding at the border of the input. */
export type PaddingMode = 'valid' | 'same' | 'causal'

/** The option `padding`; causal is for steps in time. */
export function paddingOption(modes: readonly PaddingMode[] = ['valid', 'same']) {
  const meaning = {
    valid: 'windows inside the input only',
    same: 'zeros around it, so that strides of 1 keep its size',
    causal: 'zeros before it only, so that no step sees a later one',
  }
  return z
    .enum(modes)
    .default('valid')
    .describe(modes.map((mode) => `${mode}: ${meaning[mode]}`).join('; '))
}

/** The option `data_format`, of which one value is supported. */
export function dataFormatOption() {
  return z.enum(['channels_last']).default('channels_last').describe('Order of the axes: channels come last')
}

export type SlidingWindow = {
  readonly size: Shape
  readonly strides: Shape
  readonly dilation?: Shape
  readonly padding: PaddingMode
}

/** Zeros before and after each axis. `same` puts the odd one after, as TensorFlow does. */
export function paddingOf(spatial: Shape, { size, strides, dilation, padding }: SlidingWindow): Padding {
  return spatial.map((length, i): readonly [number, number] => {
    if (padding === 'valid') return [0, 0]
    const stride = strides[i] ?? 1
    const reach = ((size[i] ?? 1) - 1) * (dilation?.[i] ?? 1) + 1
    if (padding === 'causal') return [reach - 1, 0]
    const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length)
    return [Math.floor(total / 2), Math.ceil(total / 2)]
  })
}

/** Number of windows that fit along each axis. */
export function windowCount(spatial: Shape, window: SlidingWindow): Shape {
  const padding = paddingOf(spatial, window)
  return spatial.map((length, i) => {
    const [before, after] = padding[i] ?? [0, 0]
    const reach = ((window.size[i] ?? 1) - 1) * (window.dilation?.[i] ?? 1) + 1
    return Math.floor((length + before + after - reach) / (window.strides[i] ?? 1)) + 1
  })
}

const AXES: Readonly<Record<number, string>> = {
  1: 'steps, channels',
  2: 'height, width, channels',
  3: 'depth, height, width, channels',
}

/** Throws where an input has not `rank` spatial axes and channels. */
export function requireSpatial(type: string, input: Shape, rank: number): void {
  if (input.length === rank + 1) return
  throw new ShapeError(`${type} takes [${AXES[rank]}], got [${input.join(', ')}]`, {
    hint: 'put a reshape layer before it, or give the input its axes',
  })
}

/** Throws where an input has not the window's spatial axes and channels, or is smaller than the window. */
export function requireWindow(type: string, option: string, input: Shape, window: SlidingWindow): void {
  requireSpatial(type, input, window.size.length)
  if (windowCount(input.slice(0, -1), window).some((count) => count < 1)) {
    const isDilated = window.dilation?.some((length) => length > 1) === true
    const dilated = isDilated ? ` and a dilation_rate of [${window.dilation?.join(', ')}]` : ''
    throw new ShapeError(
      `a window of [${window.size.join(', ')}]${dilated} does not fit into the input [${input.join(', ')}]`,
      { option: isDilated ? 'dilation_rate' : option, hint: 'make it smaller, or use `padding: same`' },
    )
  }
}
