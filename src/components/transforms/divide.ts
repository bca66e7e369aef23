import * as z from 'zod'

import { missingOptions } from './missing.ts'
import { defineScaling } from './transform.ts'

export const divide = defineScaling({
  type: 'divide',
  summary: 'A fixed divisor, such as 255 for the bytes of an image',
  options: () => ({ divisor: z.number().positive().describe('The divisor'), ...missingOptions() }),
  isFixed: true,
  keepsZero: true,
  fit: ({ divisor }) => ({ add() {}, scaling: () => ({ subtract: 0, multiply: 1 / divisor }) }),
})
