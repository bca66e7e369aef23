// wasm has no segment sum, the gradient of a gather; tfjs-core's gradient of tile stops at four axes, that of a product
// calls methods that tensors do not have, and that of a gather to its indices is the indices.
import { sizeOf } from '../../../ir/ir.ts'
import type { Tensor } from '../backend.ts'
import { given, valuesOf } from './fix.ts'
import type { GradientFix, KernelFix } from './fix.ts'

export const rearrangingFixes: readonly KernelFix[] = [
  {
    kernelName: 'UnsortedSegmentSum',
    backends: ['wasm'],
    compute: (tf, inputs, { numSegments }) => {
      const { shape } = given(inputs, 'x')
      const [x, segments] = [valuesOf(inputs, 'x'), given(inputs, 'segmentIds').dataSync()]
      const row = sizeOf(shape.slice(1))
      const sums = new Float32Array(numSegments * row)
      for (const [i, segment] of segments.entries()) {
        if (segment < 0 || segment >= numSegments) continue
        for (let k = 0; k < row; k++) {
          sums[segment * row + k] = (sums[segment * row + k] ?? 0) + (x[i * row + k] ?? 0)
        }
      }
      return tf.tensor(sums, [numSegments, ...shape.slice(1)])
    },
  },
]

export const rearrangingGradients: readonly GradientFix[] = [
  {
    kernelName: 'Tile',
    saves: ['x'],
    gradient: (tf, { dy, inputs, attrs }) => {
      const { shape } = given(inputs, 'x')
      const oneAxis = (sum: Tensor, copies: number, axis: number): Tensor => {
        if (copies === 1) return sum
        const apart = [sizeOf(sum.shape.slice(0, axis)), copies, sizeOf(sum.shape.slice(axis)) / copies]
        return tf.reshape(tf.sum(tf.reshape(sum, apart), 1), sum.shape.with(axis, shape[axis] ?? 1))
      }
      return { x: () => attrs.reps.reduce(oneAxis, dy) }
    },
  },
  {
    kernelName: 'GatherV2',
    saves: ['x', 'indices'],
    gradient: (tf, { inputs, original }) => ({
      ...original(),
      indices: () => tf.zeros(given(inputs, 'indices').shape),
    }),
  },
  {
    kernelName: 'Prod',
    saves: ['x'],
    gradient: (tf, { dy, inputs, attrs }) => {
      const x = given(inputs, 'x')
      const all = x.shape.map((_, axis) => axis)
      const axes = attrs.axis === undefined ? all : [attrs.axis].flat().map((axis) => axis % x.rank)
      const order = [...all.filter((axis) => !axes.includes(axis)), ...axes]
      return {
        x: () => {
          const moved = tf.transpose(x, order)
          // [outputs, factors]: each factor's derivative is the product of those before and after it.
          const factors = tf.reshape(moved, [-1, sizeOf(axes.map((axis) => x.shape[axis] ?? 1))])
          const others = tf.mul(tf.cumprod(factors, 1, true, false), tf.cumprod(factors, 1, true, true))
          const dx = tf.reshape(tf.mul(others, tf.reshape(dy, [-1, 1])), moved.shape)
          return tf.transpose(
            dx,
            all.map((axis) => order.indexOf(axis)),
          )
        },
      }
    },
  },
]
