import { Family } from '../../registry.ts'
import { binaryCrossentropy } from './binary_crossentropy.ts'
import { categoricalCrossentropy } from './categorical_crossentropy.ts'
import { huber } from './huber.ts'
import type { LossComponent } from './loss.ts'
import { meanAbsoluteError } from './mean_absolute_error.ts'
import { meanSquaredError } from './mean_squared_error.ts'
import { sparseCategoricalCrossentropy } from './sparse_categorical_crossentropy.ts'

const members: readonly LossComponent[] = [
  binaryCrossentropy,
  categoricalCrossentropy,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
]

export const losses = new Family({ name: 'losses', singular: 'loss' }, members)
