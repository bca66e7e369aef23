import { defineConstraint } from './constraint.ts'
import { axisOption, checkAxis, norms, rescaled } from './norm.ts'

/** Keras symbol: keras.constraints.UnitNorm. */
export const unitNorm = defineConstraint({
  type: 'unit_norm',
  summary: 'Scales weight vectors to norm 1',
  options: () => ({ axis: axisOption() }),
  checkShape: checkAxis,
  project: (b, parameter, config) => rescaled(b, parameter, norms(b, parameter, config), 1),
})
