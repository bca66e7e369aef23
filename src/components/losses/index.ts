import { Family } from '../../registry.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { ToProbabilities } from '../../runtime/preprocessing.ts'
import { binaryCrossentropy } from './binary_crossentropy.ts'
import { binaryFocalCrossentropy } from './binary_focal_crossentropy.ts'
import { categoricalCrossentropy } from './categorical_crossentropy.ts'
import { categoricalFocalCrossentropy } from './categorical_focal_crossentropy.ts'
import { categoricalHinge } from './categorical_hinge.ts'
import { cosineSimilarity } from './cosine_similarity.ts'
import { hinge } from './hinge.ts'
import { huber } from './huber.ts'
import { klDivergence } from './kl_divergence.ts'
import { logCosh } from './log_cosh.ts'
import type { LossComponent } from './loss.ts'
import { meanAbsoluteError } from './mean_absolute_error.ts'
import { meanAbsolutePercentageError } from './mean_absolute_percentage_error.ts'
import { meanSquaredError } from './mean_squared_error.ts'
import { meanSquaredLogarithmicError } from './mean_squared_logarithmic_error.ts'
import { poisson } from './poisson.ts'
import { sparseCategoricalCrossentropy } from './sparse_categorical_crossentropy.ts'
import { squaredHinge } from './squared_hinge.ts'

const members: readonly LossComponent[] = [
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
]

export const losses = new Family({ name: 'losses', singular: 'loss' }, members)

/** The activation that makes probabilities of what a loss compares; undefined where it compares none. */
export function probabilitiesOf(loss: ComponentConfig): ToProbabilities | undefined {
  const { probabilities } = losses.of(loss)
  return probabilities && (loss['from_logits'] === true ? probabilities : 'linear')
}
