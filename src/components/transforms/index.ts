import { Family } from '../../registry.ts'
import { date } from './date.ts'
import { divide } from './divide.ts'
import { minMax } from './min_max.ts'
import { none } from './none.ts'
import { oneHot } from './one_hot.ts'
import { ordinal } from './ordinal.ts'
import { robust } from './robust.ts'
import { sequence } from './sequence.ts'
import { standard } from './standard.ts'
import { tokens } from './tokens.ts'
import type { TransformComponent } from './transform.ts'

const members: readonly TransformComponent[] = [
  none,
  standard,
  minMax,
  robust,
  divide,
  oneHot,
  ordinal,
  date,
  tokens,
  sequence,
]

export const transforms = new Family({ name: 'transforms', singular: 'transform' }, members)
