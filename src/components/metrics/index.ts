import { Family } from '../../registry.ts'
import { losses } from '../losses/index.ts'
import { accuracy } from './accuracy.ts'
import { auc } from './auc.ts'
import { binaryAccuracy } from './binary_accuracy.ts'
import { categoricalAccuracy } from './categorical_accuracy.ts'
import { cosineSimilarity } from './cosine_similarity.ts'
import { f1Score } from './f1_score.ts'
import type { MetricComponent } from './metric.ts'
import { metricOfLoss } from './of_loss.ts'
import { precision } from './precision.ts'
import { r2Score } from './r2_score.ts'
import { recall } from './recall.ts'
import { rootMeanSquaredError } from './root_mean_squared_error.ts'
import { sparseCategoricalAccuracy } from './sparse_categorical_accuracy.ts'
import { sparseTopKCategoricalAccuracy } from './sparse_top_k_categorical_accuracy.ts'
import { topKCategoricalAccuracy } from './top_k_categorical_accuracy.ts'

const own: readonly MetricComponent[] = [
  accuracy,
  auc,
  binaryAccuracy,
  categoricalAccuracy,
  cosineSimilarity,
  f1Score,
  precision,
  r2Score,
  recall,
  rootMeanSquaredError,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
]

/** Every loss is also a metric, unless a metric of its own has its name. */
const ofLosses = losses.members
  .filter((loss) => own.every((metric) => metric.type !== loss.type))
  .map(metricOfLoss)

export const metrics = new Family({ name: 'metrics', singular: 'metric' }, [...own, ...ofLosses])
