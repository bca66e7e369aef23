import { defineActivation } from './activation.ts'
import { axisIn, axisOption } from './axis.ts'

/**
 * Martins and Astudillo (2016): the nearest point of the probability simplex. Keras symbol: keras.activations.sparsemax.
 *
 * Element i is in the support when 1 + c * x_i > s, with c the number and s the sum of the elements not below it:
 * their test along the sorted axis, without the sort. A pair of elements each costs n^2 for n classes.
 */
export const sparsemax = defineActivation({
  type: 'sparsemax',
  // Keras 3.15 sums the wrong numbers.
  keras: null,
  summary: 'Probabilities like those of softmax, of which the small ones are exactly 0',
  options: () => ({ axis: axisOption('Axis along which the probabilities add up') }),
  outputShape({ axis }, shape) {
    axisIn(shape, axis, 'sparsemax')
    return shape
  },
  flat: () => ({ saturated: [1] }),
  apply(b, x, { axis }) {
    const at = axis < 0 ? axis + x.shape.length : axis
    const z = b.sub(x, b.stopGradient(b.reduceMax(x, at, true)))
    // [..., 1, n, ...] against [..., n, 1, ...]: element [i, j] asks whether x_j is not below x_i.
    const others = b.reshape(z, x.shape.toSpliced(at, 0, 1))
    const each = b.reshape(z, x.shape.toSpliced(at + 1, 0, 1))
    const above = b.lessEqual(each, others)
    const count = b.sum(above, at + 1)
    const total = b.sum(b.mul(above, others), at + 1)
    const support = b.less(total, b.add(b.mul(count, z), 1))
    const threshold = b.div(b.sub(b.sum(b.mul(support, z), at, true), 1), b.sum(support, at, true))
    return b.relu(b.sub(z, threshold))
  },
})
