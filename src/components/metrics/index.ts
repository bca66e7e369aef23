import { Family } from '../../registry.ts'
import { losses } from '../losses/index.ts'
import { accuracy } from './accuracy.ts'
import { binaryAccuracy } from './binary_accuracy.ts'
import { categoricalAccuracy } from './categorical_accuracy.ts'
import type { MetricComponent } from './metric.ts'
import { metricOfLoss } from './of_loss.ts'
import { rootMeanSquaredError } from './root_mean_squared_error.ts'
import { sparseCategoricalAccuracy } from './sparse_categorical_accuracy.ts'

const members: readonly MetricComponent[] = [
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  rootMeanSquaredError,
  sparseCategoricalAccuracy,
  ...losses.members.map(metricOfLoss),
]

export const metrics = new Family({ name: 'metrics', singular: 'metric' }, members)
