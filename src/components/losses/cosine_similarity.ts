import { axisIn, axisOption } from '../activations/axis.ts'
import { cosine } from './cosine.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.CosineSimilarity. */
export const cosineSimilarity = defineLoss({
  type: 'cosine_similarity',
  summary: 'Minus the cosine of the angle between target and prediction: -1 where they point the same way',
  target: 'values',
  kind: 'numbers',
  options: () => ({ axis: axisOption('Axis of the vectors') }),
  checkPrediction: ({ axis }, prediction) => void axisIn(prediction, axis, 'cosine_similarity', 'axis'),
  call: (b, compared, { axis }) => b.neg(cosine(b, compared, axis)),
})
