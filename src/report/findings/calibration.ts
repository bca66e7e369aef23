import type { CalibrationBin } from '../../train/analysis/calibration.ts'
import type { OutputAnalysis } from '../../experiment/analysis.ts'
import { percent } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

/** A calibration error is named above this, and this many times above what the rows would show by chance. */
const [LEAST_ERROR, TIMES_CHANCE] = [0.05, 1.5]

/** Probabilities that do not say how often something is true; `of` names what they are of. */
export function calibrationFindings(output: OutputAnalysis, of: string): Finding[] {
  if (output.kind === 'numbers' || !output.calibration) return []
  const { ece, bins } = output.calibration
  if (ece < Math.max(LEAST_ERROR, TIMES_CHANCE * chanceError(bins))) return []
  const distance = bins.reduce((sum, bin) => sum + bin.rows * excessOf(bin), 0)
  const how = distance > 0 ? 'overconfident' : 'underconfident'
  const example = bins.toSorted(
    (a, b) => b.rows * Math.abs(b.probability - b.share) - a.rows * Math.abs(a.probability - a.share),
  )[0]
  return [
    {
      severity: how === 'overconfident' ? 'serious' : 'note',
      text: `${of} is miscalibrated (${how}): its probabilities are off by ${percent(ece)} on average${
        example
          ? `; of predictions of about ${percent(example.probability)}, ${percent(example.share)} come true`
          : ''
      }.`,
      advice:
        how === 'overconfident'
          ? 'Do not rely on them as probabilities. Less training, more regularization or label smoothing help.'
          : 'Do not rely on them as probabilities. More training or less regularization help.',
    },
  ]
}

/** The error that is expected of perfect probabilities: the mean distance of a share from its probability in each bin. */
function chanceError(bins: readonly CalibrationBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0)
  return bins.reduce(
    (sum, { probability: p, rows: own }) =>
      sum + (own / rows) * Math.sqrt(((2 / Math.PI) * p * (1 - p)) / own),
    0,
  )
}

/** Confidence beyond what is true: above one half a probability that is too high, below it one that is too low. */
function excessOf({ probability, share }: CalibrationBin): number {
  return probability >= 0.5 ? probability - share : share - probability
}
