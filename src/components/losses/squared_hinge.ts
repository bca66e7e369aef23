import { defineLoss } from './loss.ts'
import { missedMargin } from './margin.ts'

/** Keras symbol: keras.losses.SquaredHinge. */
export const squaredHinge = defineLoss({
  type: 'squared_hinge',
  summary: 'Square of hinge',
  target: 'values',
  kind: 'classes',
  options: () => ({}),
  call: (b, compared) => b.mean(b.square(missedMargin(b, compared)), -1),
})
