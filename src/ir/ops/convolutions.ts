import type { ConvolutionGeometry } from '../ir.ts'
import { mismatch, slide } from '../shapes.ts'
import type { OpRecord } from './op.ts'
import { convolutionText } from './text.ts'

export const convolution = {
  kind: 'anchor',
  withOperands: (operation, change) => ({
    ...operation,
    x: change(operation.x),
    kernel: change(operation.kernel),
  }),
  type(operation) {
    const { op, x, kernel, groups } = operation
    if (x.shape.at(-1) !== (kernel.shape.at(-2) ?? 0) * groups) throw mismatch(op, x.shape, kernel.shape)
    const shape = slide(x.shape, { ...operation, size: kernel.shape.slice(0, -2) })
    return { shape: shape.with(-1, kernel.shape.at(-1) ?? 0), dtype: 'f32' }
  },
  gradient(b, y, dy) {
    const { x, kernel } = y
    return [
      [x, () => b.convolutionInputGradient(dy, kernel, x.shape, geometryOf(y))],
      [kernel, () => b.convolutionKernelGradient(x, dy, kernel.shape, geometryOf(y))],
    ]
  },
  print: (y) => [y.op, ...convolutionText(y)],
} as const satisfies OpRecord<'convolution'>

export const convolution_input_gradient = {
  kind: 'anchor',
  withOperands: (operation, change) => ({
    ...operation,
    dy: change(operation.dy),
    kernel: change(operation.kernel),
  }),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient(b, dx, slope) {
    const { dy, kernel } = dx
    return [
      [dy, () => b.convolution(slope, kernel, geometryOf(dx))],
      [kernel, () => b.convolutionKernelGradient(slope, dy, kernel.shape, geometryOf(dx))],
    ]
  },
  print: (dx) => [dx.op, ...convolutionText(dx)],
} as const satisfies OpRecord<'convolution_input_gradient'>

export const convolution_kernel_gradient = {
  kind: 'anchor',
  withOperands: (operation, change) => ({ ...operation, x: change(operation.x), dy: change(operation.dy) }),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient(b, dk, slope) {
    const { x, dy } = dk
    return [
      [x, () => b.convolutionInputGradient(dy, slope, x.shape, geometryOf(dk))],
      [dy, () => b.convolution(x, slope, geometryOf(dk))],
    ]
  },
  print: (dk) => [dk.op, ...convolutionText(dk)],
} as const satisfies OpRecord<'convolution_kernel_gradient'>

function geometryOf({ strides, dilation, padding, groups }: ConvolutionGeometry): ConvolutionGeometry {
  return { strides, dilation, padding, groups }
}
