// Winograd's minimal filtering F(4x4, 3x3) (Lavin & Gray 2016, arXiv:1509.09308): 4x4 outputs of a 3x3 convolution
// from 36 products of transformed values where the direct sum takes 144. The points of interpolation 0, ±√½, ±√2 and
// infinity keep the rounding of float32 within about twice that of the direct sum; 0, ±1, ±2 lose ten times as much
// (Barabasz et al. 2020, arXiv:1803.10986, on the choice of points). Which convolutions take it, and how many images
// a block holds, decides bits: both depend on the shapes alone.

import { lengthAt } from './window.ts'
import type { ConvolutionWindow } from './window.ts'

/** Outputs of a tile along an axis, inputs that they read, and products. */
export const OUTPUTS = 4
export const INPUTS = 6
export const PRODUCTS = 6

/** Matrices [tiles, channels] of a block of images in Winograd's domain: one for each product of a tile. */
export const MATRICES = PRODUCTS * PRODUCTS

/**
 * A matrix of six rows, those at the points 0, p, -p, q, -q and infinity: here without those at -p and -q, which are
 * the ones at p and q with every other column negated.
 */
export type WinogradMatrix = readonly [
  zero: readonly number[],
  p: readonly number[],
  q: readonly number[],
  infinity: readonly number[],
]

const [P, Q] = [Math.SQRT1_2, Math.SQRT2]

/** Six inputs to six factors: Bᵀ of the paper. */
export const INPUT: WinogradMatrix = [
  [1, 0, -2.5, 0, 1, 0],
  [0, -2 * P, -2, P, 1, 0],
  [0, -Q / 2, -1 / 2, Q, 1, 0],
  [0, 1, 0, -2.5, 0, 1],
]
/** Three taps to six factors: G. */
export const KERNEL: WinogradMatrix = [
  [1, 0, 0],
  [-2 / 3, (-2 / 3) * P, -1 / 3],
  [1 / 6, Q / 6, 1 / 3],
  [0, 0, 1],
]
/** Four outputs to the six products that make them: A. */
export const OUTPUT: WinogradMatrix = [
  [1, 0, 0, 0],
  [1, P, 1 / 2, P / 2],
  [1, Q, 2, 2 * Q],
  [0, 0, 0, 1],
]

/** Tiles of an image, down and across, and images of a block, which the images of the batch are a multiple of. */
export type Tiling = {
  readonly down: number
  readonly across: number
  readonly images: number
  /** Tiles of a block. */
  readonly tiles: number
}

/** Numbers in one matrix of a block, so that all of them stay in the second cache; and the fewest tiles that feed it. */
const BLOCK_NUMBERS = 2400
const FEWEST_TILES = 16

/** Channels and filters are multiples of this. */
const CHANNELS = 8

export function tilingOf(window: ConvolutionWindow): Tiling {
  const down = Math.ceil(lengthAt(window.output, 0) / OUTPUTS)
  const across = Math.ceil(lengthAt(window.output, 1) / OUTPUTS)
  const perImage = down * across
  const widest = Math.max(window.channels, window.filters)
  const most = Math.max(FEWEST_TILES, BLOCK_NUMBERS / widest) / perImage
  let images = Math.max(1, Math.min(window.batch, Math.floor(most)))
  while (window.batch % images !== 0) images--
  return { down, across, images, tiles: images * perImage }
}

/** True if a convolution has a form that Winograd's kernels compute, and gains by it. */
export function suitsWinograd(window: ConvolutionWindow): boolean {
  const { size, strides, dilation, groups, channels, filters, output, batch } = window
  const { down, across } = tilingOf({ ...window, batch: 1 })
  const direct = 9 * lengthAt(output, 0) * lengthAt(output, 1)
  return (
    size.every((length) => length === 3) &&
    [...strides, ...dilation].every((step) => step === 1) &&
    groups === 1 &&
    channels % CHANNELS === 0 &&
    filters % CHANNELS === 0 &&
    channels * filters >= 128 &&
    batch * down * across >= 4 &&
    direct >= 1.5 * down * across * MATRICES
  )
}
