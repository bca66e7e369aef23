import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.MeanAbsoluteError. */
export const meanAbsoluteError = defineLoss({
  type: 'mean_absolute_error',
  aliases: ['mae'],
  summary: 'Mean of the absolute differences',
  target: 'values',
  kind: 'numbers',
  compares: 'differences',
  options: () => ({}),
  call: (b, { target, prediction }) => b.mean(b.abs(b.sub(prediction, target)), -1),
})
