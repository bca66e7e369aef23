import * as z from 'zod'

import { defineConstraint } from './constraint.ts'
import { axisOption, checkAxis, norms, rescaled } from './norm.ts'

/** Keras symbol: keras.constraints.MinMaxNorm. */
export const minMaxNorm = defineConstraint({
  type: 'min_max_norm',
  summary: 'Bounds the norm of weight vectors from below and above',
  options: () => ({
    min_value: z.number().min(0).default(0).describe('Smallest norm'),
    max_value: z.number().min(0).default(1).describe('Largest norm'),
    rate: z.number().min(0).max(1).default(1).describe('Share of the correction that one update makes'),
    axis: axisOption(),
  }),
  rules: [
    {
      needs: ['min_value', 'max_value'],
      check({ min_value, max_value }, report) {
        if (min_value <= max_value) return
        report(['min_value'], `min_value ${min_value} is above max_value ${max_value}`, { code: 'options' })
      },
    },
  ],
  checkShape: checkAxis,
  project(b, parameter, config) {
    const norm = norms(b, parameter, config)
    const bound = b.clip(norm, config.min_value, config.max_value)
    const wanted = b.add(b.mul(bound, config.rate), b.mul(norm, 1 - config.rate))
    return rescaled(b, parameter, norm, wanted)
  },
})
