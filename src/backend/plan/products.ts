// Matrix products and convolutions as geometry alone.

import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import { isOfKind } from '../../ir/ops/index.ts'
import type { OpOfKind } from '../../ir/ops/index.ts'
import type { MatmulShape, StackedMatrices } from './matmul.ts'
import { windowOf } from './window.ts'
import type { ConvolutionWindow } from './window.ts'

type ProductOp = OpOfKind<'product'>

export type Product = Value<ProductOp>
export type Convolution = Value<Exclude<ProductOp, 'matmul'>>

export function isProduct(value: Value): value is Product {
  return isOfKind(value, 'product')
}

export function matmulShape(product: Value<'matmul'>): MatmulShape {
  const { a, b, shape, transposeA, transposeB, parts = 1, stacked } = product
  const [rows = 1, columns = 1] = shape.slice(-2)
  return {
    batch: sizeOf(shape.slice(0, -2)),
    sharedB: b.shape.length === 2 && parts === 1,
    rows,
    columns,
    depth: stacked ? sizeOf(a.shape) / rows : (a.shape.at(transposeA ? -2 : -1) ?? 1) / parts,
    parts: parts > 1,
    transposeA,
    transposeB,
    stacked: stacked && stackedMatrices(product, stacked),
  }
}

/** The places of the rows of stacked matrices; undefined where there is one of each. */
function stackedMatrices(
  { a, b }: Value<'matmul'>,
  { axes: [axisA, axisB], reverse }: NonNullable<Value<'matmul'>['stacked']>,
): StackedMatrices | undefined {
  const rowsOf = ({ shape }: Value, axis: number): StackedMatrices['a'] => {
    const strides = [sizeOf(shape.slice(1)), sizeOf(shape.slice(2))]
    return { step: strides[1 - axis] ?? 1, matrix: strides[axis] ?? 1 }
  }
  const count = a.shape[axisA] ?? 1
  return count === 1 ? undefined : { count, reverse, a: rowsOf(a, axisA), b: rowsOf(b, axisB) }
}

export function convolutionWindow(product: Convolution): ConvolutionWindow {
  switch (product.op) {
    case 'convolution':
      return windowOf(product.x.shape, product.kernel.shape, product.shape, product)
    case 'convolution_input_gradient':
      return windowOf(product.shape, product.kernel.shape, product.dy.shape, product)
    case 'convolution_kernel_gradient':
      return windowOf(product.x.shape, product.shape, product.dy.shape, product)
  }
}
