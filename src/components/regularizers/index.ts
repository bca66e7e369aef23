import { Family } from '../../registry.ts'
import { l1 } from './l1.ts'
import { l1L2 } from './l1_l2.ts'
import { l2 } from './l2.ts'
import { orthogonalRegularizer } from './orthogonal_regularizer.ts'
import type { RegularizerComponent } from './regularizer.ts'

const members: readonly RegularizerComponent[] = [l1, l1L2, l2, orthogonalRegularizer]

export const regularizers = new Family({ name: 'regularizers', singular: 'regularizer' }, members)
