// One image of a batch with zeros beside its rows, so that windows may run over them; above and below it, the kernels
// leave taps out.

import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { advance, clearBytes, setLinear } from '../emit/integers.ts'

/** An f32 image in memory: pixels of `channels` values, and the zero pixels before and after each row. */
export type PaddedImage = {
  readonly address: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly padding: readonly [number, number]
}

export function isPadded({ padding }: PaddedImage): boolean {
  return padding.some((zeros) => zeros > 0)
}

/** Bytes from one row of pixels, zeros included, to the next. */
export function rowBytes({ width, channels, padding }: PaddedImage): number {
  return 4 * channels * (padding[0] + width + padding[1])
}

/** Bytes of an image with its zeros, and of what a vector may read past it. */
export function imageBytes(image: PaddedImage): number {
  return (image.height * rowBytes(image) + 127) & ~63
}

/** Bytes of scratch memory for a padded image. */
export function paddedBytes(image: PaddedImage): number {
  return isPadded(image) ? imageBytes(image) : 0
}

/** Makes `base` the address of an image of zeros, `offset` bytes into scratch memory, where images are padded. */
export function preparePadding(
  f: FunctionBuilder,
  image: PaddedImage,
  base: Integer,
  scratch: Integer,
  offset: number,
): void {
  if (!isPadded(image)) return
  setLinear(f, base, offset, [scratch, 1])
  clearBytes(f, base, imageBytes(image))
}

/** Makes `base` the address of image number `index`, or of its copy between the zeros there. */
export function openImage(f: FunctionBuilder, image: PaddedImage, index: Integer, base: Integer): void {
  if (isPadded(image)) copyImage(f, image, index, base)
  else setLinear(f, base, image.address, [index, image.height * rowBytes(image)])
}

/** Copies image number `index` into a target that holds zeros around it. */
export function copyImage(f: FunctionBuilder, image: PaddedImage, index: Integer, target: Integer): void {
  const { height, width, channels, padding } = image
  const { from, to, y } = f.integers('from', 'to', 'y')
  const bytes = 4 * width * channels
  setLinear(f, from, image.address, [index, height * bytes])
  setLinear(f, to, 4 * padding[0] * channels, [target, 1])
  f.for(y, 0, height, 1, () => {
    f.get(to).get(from).i32(bytes).memoryCopy()
    advance(f, from, bytes)
    advance(f, to, rowBytes(image))
  })
}
