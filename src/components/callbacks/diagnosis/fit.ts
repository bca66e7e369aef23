import { list, shortNumber } from '../../../wording.ts'
import type { OutputFit, Probe, ProbedLayer } from '../probe.ts'
import type { CurveFinding } from './curves.ts'

/**
 * A model underfits where its loss over training rows is above this share of that of always predicting the mean: R², or
 * D² of sklearn's d2_log_loss_score, is below what is left. It has hardly learned anything above the second share. Ours.
 */
const [HIGH, HARDLY_BETTER] = [0.5, 0.9]

/** The output that fits the training rows worst, where the model is too simple for it, is held back or has not learned; undefined where none can be compared. */
export async function underfitting(probe: Probe): Promise<CurveFinding[] | undefined> {
  const fits = (await probe.fits()).filter(({ ofMean }) => ofMean > 0)
  const [worst] = fits.toSorted((a, b) => shareOf(b) - shareOf(a))
  if (worst === undefined) return undefined
  if (shareOf(worst) <= HIGH) return []
  const isSerious = shareOf(worst) > HARDLY_BETTER
  const what = fits.length > 1 ? `the loss of ${worst.output}` : 'the loss'
  return [
    {
      kind: 'underfitting',
      severity: isSerious ? 'serious' : 'note',
      text: `It ${isSerious ? 'underfits' : 'may underfit'}: over training rows ${what} is ${shortNumber(worst.loss)}, without penalties and dropout; always predicting the mean would give ${shortNumber(worst.ofMean)}.`,
      advice: `${wayOut(probe)} ${
        isSerious
          ? 'Or change compile.optimizer.learning_rate (`nnlab lr-find` shows where the loss falls), scale the features and the target, or raise fit.epochs.'
          : 'If that changes little, the columns do not tell more.'
      }`,
    },
  ]
}

function shareOf({ loss, ofMean }: OutputFit): number {
  return loss / ofMean
}

function wayOut({ layers, restraints }: Probe): string {
  if (restraints.length > 0) return `Lower ${list(restraints, 4)}, or add units or layers.`
  if (isLinear(layers))
    return 'The model is linear: add a layer such as {type: dense, units: 32, activation: relu}.'
  return 'Add units or layers.'
}

/** All its layers with weights are sums, but for the activation of an output. */
function isLinear(layers: readonly ProbedLayer[]): boolean {
  return layers.every(
    ({ isOutput, activation, parameters }) =>
      isOutput || (activation === undefined ? parameters.length === 0 : activation.type === 'linear'),
  )
}
