import { Family } from '../../registry.ts'
import type { ConstraintComponent } from './constraint.ts'
import { nonNeg } from './non_neg.ts'

const members: readonly ConstraintComponent[] = [nonNeg]

export const constraints = new Family({ name: 'constraints', singular: 'constraint' }, members)
