import { divide } from './divide.ts'
import { minMax } from './min_max.ts'
import { standard } from './standard.ts'
import type { Scale } from '../../spec/data.ts'
import type { ScalingFit } from './scaling.ts'

/** A fit for the scale that the config names; undefined where numbers stay as they are. */
export function startFit(scale: Scale): ScalingFit | undefined {
  if (typeof scale === 'object') return divide(scale.divide)
  switch (scale) {
    case 'none':
      return undefined
    case 'standard':
      return standard()
    case 'min_max':
      return minMax()
  }
}
