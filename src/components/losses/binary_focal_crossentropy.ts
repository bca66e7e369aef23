import * as z from 'zod'

import { crossentropyOfYes, fromLogitsOption, smooth, smoothedYesOption } from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/** Lin et al. (2017). Keras symbol: keras.losses.BinaryFocalCrossentropy. */
export const binaryFocalCrossentropy = defineLoss({
  type: 'binary_focal_crossentropy',
  summary: 'binary_crossentropy with less weight on easy samples',
  target: 'values',
  kind: 'classes',
  probabilities: 'sigmoid',
  options: () => ({
    apply_class_balancing: z
      .boolean()
      .default(false)
      .describe('Weight positive targets by alpha and negative ones by 1 - alpha'),
    alpha: z
      .number()
      .min(0)
      .max(1)
      .default(0.25)
      .describe('Weight of positive targets in the class balancing'),
    gamma: z.number().min(0).default(2).describe('How strongly the weight of easy samples is reduced'),
    from_logits: fromLogitsOption(),
    label_smoothing: smoothedYesOption(),
  }),
  call(b, { target, prediction }, { apply_class_balancing, alpha, gamma, from_logits, label_smoothing }) {
    const yes = smooth(b, target, label_smoothing, 2)
    const no = b.sub(1, yes)
    const share = from_logits ? b.sigmoid(prediction) : prediction
    const wrong = b.add(b.mul(yes, b.sub(1, share)), b.mul(no, share))
    const focal = b.mul(b.pow(wrong, gamma), crossentropyOfYes(b, yes, share, false))
    const balance = b.add(b.mul(yes, alpha), b.mul(no, 1 - alpha))
    return b.mean(apply_class_balancing ? b.mul(balance, focal) : focal, -1)
  },
})
