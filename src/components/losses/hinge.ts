import { defineLoss } from './loss.ts'
import { missedMargin } from './margin.ts'

/** Keras symbol: keras.losses.Hinge. */
export const hinge = defineLoss({
  type: 'hinge',
  summary: 'max(0, 1 - target * prediction) of targets that are -1 or 1; 0 and 1 are taken for them',
  target: 'values',
  kind: 'classes',
  options: () => ({}),
  call: (b, compared) => b.mean(missedMargin(b, compared), -1),
})
