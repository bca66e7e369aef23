import { defineConstraint } from './constraint.ts'

/** Keras symbol: keras.constraints.NonNeg. */
export const nonNeg = defineConstraint({
  type: 'non_neg',
  summary: 'Sets negative weights to 0',
  options: () => ({}),
  project: (b, parameter) => b.max(parameter, 0),
})
