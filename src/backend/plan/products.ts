// Matrix products and convolutions as geometry alone.

import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import { isOfKind } from '../../ir/ops/index.ts'
import type { OpOfKind } from '../../ir/ops/index.ts'
import type { MatmulShape } from './matmul.ts'
import { windowOf } from './window.ts'
import type { ConvolutionWindow } from './window.ts'

type ProductOp = OpOfKind<'product'>

export type Product = Value<ProductOp>
export type Convolution = Value<Exclude<ProductOp, 'matmul'>>

export function isProduct(value: Value): value is Product {
  return isOfKind(value, 'product')
}

export function matmulShape({
  a,
  b,
  shape,
  transposeA,
  transposeB,
  parts = 1,
}: Value<'matmul'>): MatmulShape {
  return {
    batch: sizeOf(shape.slice(0, -2)),
    sharedB: b.shape.length === 2 && parts === 1,
    rows: shape.at(-2) ?? 1,
    columns: shape.at(-1) ?? 1,
    depth: (a.shape.at(transposeA ? -2 : -1) ?? 1) / parts,
    parts: parts > 1,
    transposeA,
    transposeB,
  }
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
