import { Family } from '../../registry.ts'
import type { OptimizerComponent } from './optimizer.ts'
import { sgd } from './sgd.ts'

const members: readonly OptimizerComponent[] = [sgd]

export const optimizers = new Family({ name: 'optimizers', singular: 'optimizer' }, members)
