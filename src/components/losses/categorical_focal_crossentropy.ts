import * as z from 'zod'

import { ShapeError } from '../shape-error.ts'
import { clippedShares, fromLogitsOption, smooth, smoothedClassesOption } from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/** Lin et al. (2017). Keras symbol: keras.losses.CategoricalFocalCrossentropy. */
export const categoricalFocalCrossentropy = defineLoss({
  type: 'categorical_focal_crossentropy',
  summary: 'categorical_crossentropy with less weight on easy samples',
  target: 'one_hot',
  kind: 'classes',
  probabilities: 'softmax',
  options: () => ({
    alpha: z
      .union([z.number().min(0), z.array(z.number().min(0)).min(1)])
      .default(0.25)
      .describe('Weight of all classes, or the list of the weight of each'),
    gamma: z.number().min(0).default(2).describe('How strongly the weight of easy samples is reduced'),
    from_logits: fromLogitsOption(),
    label_smoothing: smoothedClassesOption(),
  }),
  checkPrediction({ alpha }, prediction) {
    const classes = prediction.at(-1) ?? 1
    if (typeof alpha === 'number' || alpha.length === classes) return
    throw new ShapeError(
      `alpha has the weights of ${alpha.length} classes, but the output has ${classes} units`,
      {
        option: 'alpha',
        hint: 'give one number, or one for each class',
      },
    )
  },
  call(b, { target, prediction }, { alpha, gamma, from_logits, label_smoothing }) {
    const wanted = smooth(b, target, label_smoothing, prediction.shape.at(-1) ?? 1)
    const shares = clippedShares(b, from_logits ? b.softmax(prediction) : prediction)
    const weight = b.mul(b.pow(b.sub(1, shares), gamma), b.constant(alpha))
    return b.neg(b.sum(b.mul(weight, b.mul(wanted, b.log(shares))), -1))
  },
})
