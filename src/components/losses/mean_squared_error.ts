import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.MeanSquaredError. */
export const meanSquaredError = defineLoss({
  type: 'mean_squared_error',
  aliases: ['mse'],
  summary: 'Mean of the squared differences',
  target: 'values',
  kind: 'numbers',
  compares: 'differences',
  options: () => ({}),
  call: (b, { target, prediction }) => b.mean(b.square(b.sub(prediction, target)), -1),
})
