import type * as tfjs from '@tensorflow/tfjs-core'

import { sizeOf } from '../../../ir/ir.ts'
import type { Tf } from '../backend.ts'
import { perAxis } from './fix.ts'
import type { Attrs } from './fix.ts'

type Three = readonly [depth: number, height: number, width: number]

/** The geometry of a pooling or a convolution over [batch, depth, height, width, channels]; images have depth 1. */
export type Windows = {
  readonly batch: number
  readonly input: Three
  readonly output: Three
  readonly size: Three
  readonly strides: Three
  /** Padding before the first element. */
  readonly before: Three
}

type Geometry = Pick<Attrs, 'strides' | 'pad' | 'dimRoundingMode'>

/** The windows of a pooling of `shape`. */
export function poolWindows(
  tf: Tf,
  shape: readonly number[],
  { filterSize, ...rest }: Geometry & Pick<Attrs, 'filterSize'>,
): Windows {
  const spatial = shape.length - 2
  const channels = shape.at(-1) ?? 0
  return convolutionWindows(tf, shape, [...perAxis(filterSize, spatial), channels, channels], rest)
}

/** The windows of a convolution of `shape` by a filter [...window, channels, ...], which is not dilated. */
export function convolutionWindows(
  tf: Tf,
  shape: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode }: Geometry,
): Windows {
  const [n = 0, a = 0, b = 0, c = 0, d = 0] = shape
  const [p = 0, q = 0, r = 0, s = 0, t = 0] = filter
  if (shape.length === 4) {
    const [down = 1, across = 1] = perAxis(strides, 2)
    const info = tf.backend_util.computeConv2DInfo(
      [n, a, b, c],
      [p, q, r, s],
      [down, across],
      1,
      pad,
      dimRoundingMode,
    )
    return {
      batch: n,
      input: [1, info.inHeight, info.inWidth],
      output: [1, info.outHeight, info.outWidth],
      size: [1, info.filterHeight, info.filterWidth],
      strides: [1, info.strideHeight, info.strideWidth],
      before: [0, info.padInfo.top, info.padInfo.left],
    }
  }
  if (pad !== 'same' && pad !== 'valid') throw new Error('windows in space take `same` or `valid` padding')
  const [inward = 1, down = 1, across = 1] = perAxis(strides, 3)
  const info: tfjs.backend_util.Conv3DInfo = tf.backend_util.computeConv3DInfo(
    [n, a, b, c, d],
    [p, q, r, s, t],
    [inward, down, across],
    1,
    pad,
  )
  return {
    batch: n,
    input: [info.inDepth, info.inHeight, info.inWidth],
    output: [info.outDepth, info.outHeight, info.outWidth],
    size: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
  }
}

/**
 * Calls `visit` for each output position, counted over batch and space, with the input positions of its window that
 * lie inside, and the number of each within the window. The two lists are reused: do not keep them.
 */
export function eachWindow(
  { batch, input, output, size, strides, before }: Windows,
  visit: (position: number, inside: readonly number[], taps: readonly number[]) => void,
): void {
  const inside: number[] = []
  const taps: number[] = []
  let position = 0
  for (let n = 0; n < batch; n++) {
    for (let d = 0; d < output[0]; d++) {
      for (let h = 0; h < output[1]; h++) {
        for (let w = 0; w < output[2]; w++) {
          inside.length = taps.length = 0
          const [z0, y0, x0] = [
            d * strides[0] - before[0],
            h * strides[1] - before[1],
            w * strides[2] - before[2],
          ]
          for (let z = Math.max(z0, 0); z < Math.min(z0 + size[0], input[0]); z++) {
            for (let y = Math.max(y0, 0); y < Math.min(y0 + size[1], input[1]); y++) {
              for (let x = Math.max(x0, 0); x < Math.min(x0 + size[2], input[2]); x++) {
                inside.push(((n * input[0] + z) * input[1] + y) * input[2] + x)
                taps.push(((z - z0) * size[1] + (y - y0)) * size[2] + (x - x0))
              }
            }
          }
          visit(position++, inside, taps)
        }
      }
    }
  }
}

/** Inserts `dilations - 1` zeros between the taps of a filter [...window, channels, filters]. */
export function dilate(tf: Tf, filter: tfjs.Tensor, dilations: readonly number[]): tfjs.Tensor {
  return dilations.reduce((x, step, axis) => {
    if (step === 1) return x
    const { length, before, after } = aroundAxis(x.shape, axis)
    const apart = tf.pad(tf.reshape(x, [before, length, 1, after]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ])
    const kept = (length - 1) * step + 1
    const cut = tf.slice(tf.reshape(apart, [before, length * step, after]), 0, [before, kept, after])
    return tf.reshape(cut, x.shape.with(axis, kept))
  }, filter)
}

/** Keeps the taps that `dilate` keeps. */
export function undilate(tf: Tf, filter: tfjs.Tensor, dilations: readonly number[]): tfjs.Tensor {
  return dilations.reduce((x, step, axis) => {
    if (step === 1) return x
    const { length, before, after } = aroundAxis(x.shape, axis)
    const kept = (length - 1) / step + 1
    const whole = tf.pad(tf.reshape(x, [before, length, after]), [
      [0, 0],
      [0, step - 1],
      [0, 0],
    ])
    const first = tf.slice(tf.reshape(whole, [before, kept, step, after]), 0, [before, kept, 1, after])
    return tf.reshape(first, x.shape.with(axis, kept))
  }, filter)
}

function aroundAxis(shape: readonly number[], axis: number) {
  return {
    length: shape[axis] ?? 1,
    before: sizeOf(shape.slice(0, axis)),
    after: sizeOf(shape.slice(axis + 1)),
  }
}
