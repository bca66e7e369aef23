import { crossentropyOfYes, fromLogitsOption, smooth, smoothedYesOption } from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.BinaryCrossentropy. */
export const binaryCrossentropy = defineLoss({
  type: 'binary_crossentropy',
  aliases: ['bce'],
  summary: 'Crossentropy of independent yes-or-no targets',
  target: 'values',
  kind: 'classes',
  probabilities: 'sigmoid',
  options: () => ({ from_logits: fromLogitsOption(), label_smoothing: smoothedYesOption() }),
  call: (b, { target, prediction }, { from_logits, label_smoothing }) =>
    b.mean(crossentropyOfYes(b, smooth(b, target, label_smoothing, 2), prediction, from_logits), -1),
})
