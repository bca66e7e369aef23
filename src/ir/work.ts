import { sizeOf } from './ir.ts'
import type { Program, Value } from './ir.ts'

/** The number of arithmetic operations of a program, roughly: those of matrix products, convolutions and elements. */
export function workOf(program: Program): number {
  return program.values.reduce((total, value) => total + sizeOf(value.shape) * workPerElement(value), 0)
}

function workPerElement(value: Value): number {
  switch (value.op) {
    case 'matmul':
      return 2 * (value.a.shape.at(value.transposeA ? -2 : -1) ?? 1)
    case 'convolution':
      return 2 * sizeOf(value.kernel.shape.slice(0, -1))
    case 'convolution_input_gradient':
      return (2 * sizeOf(value.kernel.shape) * sizeOf(value.dy.shape.slice(0, -1))) / sizeOf(value.shape)
    case 'convolution_kernel_gradient':
      return 2 * sizeOf(value.dy.shape.slice(0, -1))
    case 'scan':
      return (value.steps * workOf(value.body)) / sizeOf(value.shape)
    case 'input':
    case 'constant':
    case 'reshape':
      return 0
    case 'reduce':
      return sizeOf(value.x.shape) / Math.max(1, sizeOf(value.shape))
    default:
      return 1
  }
}
