// One image of a batch with zeros around it, so that windows may run over its edges.

import type { FunctionBuilder, Local } from '../assembler.ts'
import { setLinear } from './partition.ts'

/** An f32 image in memory: pixels of `channels` values, and the zeros around it. */
export type Image = {
  readonly address: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly rows: readonly [number, number]
  readonly columns: readonly [number, number]
}

export function isPadded({ rows, columns }: Image): boolean {
  return [...rows, ...columns].some((zeros) => zeros > 0)
}

/** Bytes from one row of pixels, zeros included, to the next. */
export function rowBytes({ width, channels, columns }: Image): number {
  return 4 * channels * (columns[0] + width + columns[1])
}

/** Bytes of an image with its zeros, and of what a vector may read past it. */
export function imageBytes(image: Image): number {
  return ((image.rows[0] + image.height + image.rows[1]) * rowBytes(image) + 127) & ~63
}

/** Fills the image at a target with zeros. */
export function clearImage(f: FunctionBuilder, image: Image, target: Local): void {
  f.get(target).i32(0).i32(imageBytes(image)).memoryFill()
}

/** Copies image number `index` into a target that holds zeros around it. */
export function copyImage(f: FunctionBuilder, image: Image, index: Local, target: Local): void {
  const { height, width, channels, rows, columns } = image
  const [from, to, y] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const bytes = 4 * width * channels
  setLinear(f, from, image.address, [[index, height * bytes]])
  setLinear(f, to, rows[0] * rowBytes(image) + 4 * columns[0] * channels, [[target, 1]])
  f.for(y, 0, height, 1, () => {
    f.get(to).get(from).i32(bytes).memoryCopy()
    f.get(from).i32(bytes).op('i32.add').set(from)
    f.get(to).i32(rowBytes(image)).op('i32.add').set(to)
  })
}
