import { Family } from '../../registry.ts'
import { asha } from './asha.ts'
import { hyperband } from './hyperband.ts'
import { median } from './median.ts'
import type { PrunerComponent } from './pruner.ts'

const members: readonly PrunerComponent[] = [asha, median, hyperband]

export const pruners = new Family({ name: 'pruners', singular: 'pruner' }, members)
