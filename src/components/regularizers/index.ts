import { Family } from '../../registry.ts'
import { l2 } from './l2.ts'
import type { RegularizerComponent } from './regularizer.ts'

const members: readonly RegularizerComponent[] = [l2]

export const regularizers = new Family({ name: 'regularizers', singular: 'regularizer' }, members)
