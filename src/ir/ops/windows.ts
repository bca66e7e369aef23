// Convolutions, pools and their gradients.

import type { ConvolutionGeometry, PoolGeometry, Value } from '../ir.ts'
import { mismatch, slide } from '../shapes.ts'
import { over } from './op.ts'
import type { OpRecord } from './op.ts'
import { convolutionText, poolText } from './text.ts'

export const convolution = {
  kind: 'product',
  ...over('x', 'kernel'),
  type(operation) {
    const { op, x, kernel, groups } = operation
    if (x.shape.at(-1) !== (kernel.shape.at(-2) ?? 0) * groups) throw mismatch(op, x.shape, kernel.shape)
    const shape = slide(x.shape, { ...operation, size: kernel.shape.slice(0, -2) })
    return { shape: shape.with(-1, kernel.shape.at(-1) ?? 0), dtype: 'f32' }
  },
  gradient(b, y, dy) {
    const { x, kernel } = y
    return [
      [x, () => b.convolutionInputGradient(dy, kernel, x.shape, convolutionGeometryOf(y))],
      [kernel, () => b.convolutionKernelGradient(x, dy, kernel.shape, convolutionGeometryOf(y))],
    ]
  },
  print: (y) => [y.op, ...convolutionText(y)],
} as const satisfies OpRecord<'convolution'>

export const convolution_input_gradient = {
  kind: 'product',
  ...over('dy', 'kernel'),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient(b, dx, slope) {
    const { dy, kernel } = dx
    return [
      [dy, () => b.convolution(slope, kernel, convolutionGeometryOf(dx))],
      [kernel, () => b.convolutionKernelGradient(slope, dy, kernel.shape, convolutionGeometryOf(dx))],
    ]
  },
  print: (dx) => [dx.op, ...convolutionText(dx)],
} as const satisfies OpRecord<'convolution_input_gradient'>

export const convolution_kernel_gradient = {
  kind: 'product',
  ...over('x', 'dy'),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient(b, dk, slope) {
    const { x, dy } = dk
    return [
      [x, () => b.convolutionInputGradient(dy, slope, x.shape, convolutionGeometryOf(dk))],
      [dy, () => b.convolution(x, slope, convolutionGeometryOf(dk))],
    ]
  },
  print: (dk) => [dk.op, ...convolutionText(dk)],
} as const satisfies OpRecord<'convolution_kernel_gradient'>

function convolutionGeometryOf({
  strides,
  dilation,
  padding,
  groups,
}: ConvolutionGeometry): ConvolutionGeometry {
  return { strides, dilation, padding, groups }
}

export const pool = {
  kind: 'anchor',
  ...over('x'),
  type: (operation) => ({ shape: slide(operation.x.shape, operation), dtype: 'f32' }),
  gradient(b, y, dy) {
    const { x } = y
    const slope = (): Value =>
      y.function === 'max'
        ? b.maxPoolGradient(x, y, dy, poolGeometryOf(y))
        : b.averagePoolGradient(dy, x.shape, poolGeometryOf(y))
    return [[x, slope]]
  },
  print: (y) => [`${y.op}_${y.function}`, ...poolText(y)],
} as const satisfies OpRecord<'pool'>

export const max_pool_gradient = {
  kind: 'anchor',
  ...over('x', 'y', 'dy'),
  type: ({ x }) => ({ shape: x.shape, dtype: 'f32' }),
  gradient() {
    throw new Error('the gradient of a max pool has no gradient')
  },
  print: (dx) => [dx.op, ...poolText(dx)],
} as const satisfies OpRecord<'max_pool_gradient'>

export const average_pool_gradient = {
  kind: 'anchor',
  ...over('dy'),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient: (b, dx, slope) => [[dx.dy, () => b.pool('average', slope, poolGeometryOf(dx))]],
  print: (dx) => [dx.op, ...poolText(dx)],
} as const satisfies OpRecord<'average_pool_gradient'>

function poolGeometryOf({ size, strides, padding }: PoolGeometry): PoolGeometry {
  return { size, strides, padding }
}
