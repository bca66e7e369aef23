import * as z from 'zod'

import { defineConstraint } from './constraint.ts'
import { axisOption, checkAxis, norms, rescaled } from './norm.ts'

/** Keras symbol: keras.constraints.MaxNorm. */
export const maxNorm = defineConstraint({
  type: 'max_norm',
  summary: 'Bounds the norm of weight vectors from above',
  options: () => ({
    max_value: z.number().min(0).default(2).describe('Largest norm'),
    axis: axisOption(),
  }),
  checkShape: checkAxis,
  project(b, parameter, config) {
    const norm = norms(b, parameter, config)
    return rescaled(b, parameter, norm, b.min(norm, config.max_value))
  },
})
