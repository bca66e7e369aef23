import { defineLoss } from './loss.ts'

/** Crammer and Singer (2001). Keras symbol: keras.losses.CategoricalHinge. */
export const categoricalHinge = defineLoss({
  type: 'categorical_hinge',
  summary: 'max(0, 1 + the largest other prediction - that of the target class)',
  target: 'one_hot',
  kind: 'classes',
  options: () => ({}),
  call(b, { target, prediction }) {
    const right = b.sum(b.mul(target, prediction), -1)
    const wrong = b.reduceMax(b.mul(b.sub(1, target), prediction), -1)
    return b.max(b.add(b.sub(wrong, right), 1), 0)
  },
})
