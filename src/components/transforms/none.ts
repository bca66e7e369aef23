import { missingOptions } from './missing.ts'
import { defineScaling } from './transform.ts'

export const none = defineScaling({
  type: 'none',
  summary: 'Leaves numbers as they are',
  options: missingOptions,
  keepsZero: true,
  fit: () => undefined,
})
