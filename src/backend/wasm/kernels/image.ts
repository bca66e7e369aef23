// One image of a batch with zeros beside its rows, so that windows may run over them; above and below it, the kernels
// leave taps out.

import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import { setLinear } from '../emit/partition.ts'

/** An f32 image in memory: pixels of `channels` values, and the zero pixels before and after each row. */
export type Image = {
  readonly address: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly padding: readonly [number, number]
}

export function isPadded({ padding }: Image): boolean {
  return padding.some((zeros) => zeros > 0)
}

/** Bytes from one row of pixels, zeros included, to the next. */
export function rowBytes({ width, channels, padding }: Image): number {
  return 4 * channels * (padding[0] + width + padding[1])
}

/** Bytes of an image with its zeros, and of what a vector may read past it. */
export function imageBytes(image: Image): number {
  return (image.height * rowBytes(image) + 127) & ~63
}

/** Fills the image at a target with zeros. */
export function clearImage(f: FunctionBuilder, image: Image, target: Local): void {
  f.get(target).i32(0).i32(imageBytes(image)).memoryFill()
}

/** Copies image number `index` into a target that holds zeros around it. */
export function copyImage(f: FunctionBuilder, image: Image, index: Local, target: Local): void {
  const { height, width, channels, padding } = image
  const [from, to, y] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const bytes = 4 * width * channels
  setLinear(f, from, image.address, [[index, height * bytes]])
  setLinear(f, to, 4 * padding[0] * channels, [[target, 1]])
  f.for(y, 0, height, 1, () => {
    f.get(to).get(from).i32(bytes).memoryCopy()
    f.get(from).i32(bytes).op('i32.add').set(from)
    f.get(to).i32(rowBytes(image)).op('i32.add').set(to)
  })
}
