import { Family } from '../../registry.ts'
import { adadelta } from './adadelta.ts'
import { adagrad } from './adagrad.ts'
import { adam } from './adam.ts'
import { adamax } from './adamax.ts'
import { adamw } from './adamw.ts'
import { lion } from './lion.ts'
import { nadam } from './nadam.ts'
import type { OptimizerComponent } from './optimizer.ts'
import { optimizerRules } from './options.ts'
import { rmsprop } from './rmsprop.ts'
import { sgd } from './sgd.ts'

const members: readonly OptimizerComponent[] = [
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  lion,
  nadam,
  rmsprop,
  sgd,
]

export const optimizers = new Family({ name: 'optimizers', singular: 'optimizer' }, members, {
  rules: optimizerRules,
})
