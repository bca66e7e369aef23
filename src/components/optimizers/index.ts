import { Family } from '../../registry.ts'
import { adam } from './adam.ts'
import { adamw } from './adamw.ts'
import type { OptimizerComponent } from './optimizer.ts'
import { rmsprop } from './rmsprop.ts'
import { sgd } from './sgd.ts'

const members: readonly OptimizerComponent[] = [adam, adamw, rmsprop, sgd]

export const optimizers = new Family({ name: 'optimizers', singular: 'optimizer' }, members)
