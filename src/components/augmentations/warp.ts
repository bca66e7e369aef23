import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'

/** The options of augmentations that move the pixels of an image. */
export function warpOptions() {
  return {
    fill_mode: z
      .enum(['reflect', 'constant', 'wrap', 'nearest'])
      .default('reflect')
      .describe(
        'Pixels outside the image: its mirror image with the edge pixel repeated (reflect), fill_value (constant), the image again (wrap) or its edge pixel (nearest)',
      ),
    interpolation: z
      .enum(['bilinear', 'nearest'])
      .default('bilinear')
      .describe('Interpolation between the pixels around a position'),
    fill_value: z
      .number()
      .default(0)
      .describe('Value outside the image for fill_mode constant, as the model sees it'),
  }
}

export type WarpConfig = z.output<z.ZodObject<ReturnType<typeof warpOptions>>>

/** Position in an image for each pixel of the result: f32 that broadcast to [batch, height, width, 1]. */
export type PixelPositions = { readonly row: Value; readonly column: Value }

/** The row and the column of each pixel. */
export function pixels(b: Builder, { shape: [, height = 0, width = 0] }: Value): PixelPositions {
  return { row: b.iota([1, height, 1, 1], 1), column: b.iota([1, 1, width, 1], 2) }
}

/**
 * x [batch, height, width, channels] read at other positions, as keras.ops.image.affine_transform does it on TensorFlow
 * (ImageProjectiveTransformV3).
 */
export function warp(b: Builder, x: Value, { row, column }: PixelPositions, config: WarpConfig): Value {
  const [, height = 0, width = 0] = x.shape
  const read = (row: Value, column: Value): Value => readPixels(b, x, { row, column }, config)
  const place = {
    row: fold(b, row, height, config.fill_mode),
    column: fold(b, column, width, config.fill_mode),
  }
  if (config.interpolation === 'nearest') return read(round(b, place.row), round(b, place.column))
  const [top, left] = [b.floor(place.row), b.floor(place.column)]
  const [bottom, right] = [b.add(top, 1), b.add(left, 1)]
  const between = (a: Value, c: Value, first: Value, last: Value, at: Value): Value =>
    b.add(b.mul(b.sub(last, at), a), b.mul(b.sub(at, first), c))
  const upper = between(read(top, left), read(top, right), left, right, place.column)
  const lower = between(read(bottom, left), read(bottom, right), left, right, place.column)
  return between(upper, lower, top, bottom, place.row)
}

/** The position along an axis inside the image that stands for one outside. */
function fold(b: Builder, at: Value, length: number, mode: WarpConfig['fill_mode']): Value {
  const inside = (value: Value): Value => b.clip(value, 0, length - 1)
  switch (mode) {
    case 'constant':
      return at
    case 'nearest':
      return inside(at)
    case 'reflect': {
      const along = b.sub(at, b.mul(b.floor(b.div(at, 2 * length)), 2 * length))
      return inside(b.select(b.less(along, length), along, b.sub(2 * length - 1, along)))
    }
    case 'wrap': {
      if (length === 1) return b.mul(at, 0)
      const turns = b.floor(b.div(b.abs(at), length - 1))
      const before = b.add(at, b.mul(b.add(turns, 1), length))
      const after = b.select(b.less(length - 1, at), b.sub(at, b.mul(turns, length)), at)
      return inside(b.select(b.less(at, 0), before, after))
    }
  }
}

/** To the nearest integer, halves away from 0. */
function round(b: Builder, x: Value): Value {
  return b.mul(b.sign(x), b.floor(b.add(b.abs(x), 0.5)))
}

/** The pixels at integer positions; those outside the image are fill_value. */
function readPixels(
  b: Builder,
  x: Value,
  { row, column }: PixelPositions,
  { fill_mode, fill_value }: WarpConfig,
): Value {
  const [, height = 0, width = 0] = x.shape
  const index = b.add(b.mul(b.clip(row, 0, height - 1), width), b.clip(column, 0, width - 1))
  const found = gatherPixels(b, x, index)
  if (fill_mode !== 'constant') return found
  const within = (at: Value, length: number): Value => b.mul(b.lessEqual(0, at), b.less(at, length))
  return b.select(b.mul(within(row, height), within(column, width)), found, fill_value)
}

/** Limit of the integers that are exact in f32: a larger image cannot be warped. */
export const MAX_PIXELS = 2 ** 24

/** The pixels of each image by their number in it; in parts, where there are more than f32 can count. */
function gatherPixels(b: Builder, x: Value, index: Value): Value {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape
  const size = height * width
  if (size > MAX_PIXELS) throw new Error(`an image of ${height} x ${width} pixels is too large to warp`)
  const places = b.reshape(b.broadcast(index, [batch, height, width, 1]), [batch, height, width])
  const most = Math.max(1, Math.floor(MAX_PIXELS / size))
  const parts = Array.from({ length: Math.ceil(batch / most) }, (_, part) => {
    const count = Math.min(most, batch - part * most)
    const flat = b.reshape(b.sliceAxis(x, 0, part * most, count), [count * size, channels])
    const first = b.mul(b.iota([count, 1, 1], 0), size)
    return b.gather(flat, b.cast(b.add(b.sliceAxis(places, 0, part * most, count), first), 'i32'))
  })
  return b.concat(parts, 0)
}
