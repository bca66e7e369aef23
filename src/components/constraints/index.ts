import { Family } from '../../registry.ts'
import type { ConstraintComponent } from './constraint.ts'
import { maxNorm } from './max_norm.ts'
import { minMaxNorm } from './min_max_norm.ts'
import { nonNeg } from './non_neg.ts'
import { unitNorm } from './unit_norm.ts'

const members: readonly ConstraintComponent[] = [maxNorm, minMaxNorm, nonNeg, unitNorm]

export const constraints = new Family({ name: 'constraints', singular: 'constraint' }, members)
