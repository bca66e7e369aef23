import { shortNumber } from '../../../wording.ts'
import type { TrainingFinding } from './finding.ts'

/** The epochs of a training that are logged, from 1, with the values of each metric in them. */
export type Curves = {
  readonly epochs: ArrayLike<number>
  readonly history: ReadonlyMap<string, ArrayLike<number>>
  /** All epochs that were wanted were trained. */
  readonly isWhole: boolean
}

export type CurveFinding = Pick<TrainingFinding, 'kind' | 'severity' | 'text' | 'advice'>

/** Overfitting is named where the validation loss rose by this share of its best, and is above the training loss by it. */
const [RISE, GAP] = [0.1, 0.2]
/** Epochs that are needed to tell that a curve turned or is level, and the share of them at its end that should bring nothing more. */
const [FEWEST_EPOCHS, END_SHARE] = [5, 0.1]
/** The share of the whole descent that the last epochs still brought where training ended too early. */
const STILL_FALLING = 0.03

/** One sentence on overfitting or training that ended too early, from the curves of the loss. Thresholds are ours. */
export function curveFindings({ epochs, history, isWhole }: Curves): CurveFinding[] {
  const [loss, validation] = [history.get('loss'), history.get('val_loss')]
  if (!loss || epochs.length === 0) return []
  return [
    ...(validation && epochs.length >= FEWEST_EPOCHS ? overfitting(loss, validation, epochs) : []),
    ...(isWhole ? tooEarly(Array.from(validation ?? loss)) : []),
  ]
}

function overfitting(
  loss: ArrayLike<number>,
  validation: ArrayLike<number>,
  epochs: ArrayLike<number>,
): CurveFinding[] {
  const curve = Array.from(validation)
  const best = curve.indexOf(Math.min(...curve))
  const [lowest = NaN, last = NaN, trained = NaN] = [curve[best], curve.at(-1), loss[loss.length - 1]]
  if (!(last > (1 + RISE) * lowest && last > (1 + GAP) * trained)) return []
  return [
    {
      kind: 'overfitting',
      severity: 'note',
      text: `It overfits: val_loss was best in epoch ${epochs[best] ?? 0} (${shortNumber(lowest)}) and rose to ${shortNumber(last)}, while loss fell to ${shortNumber(trained)}.`,
      advice:
        'More rows help most; else a dropout layer, kernel_regularizer or fewer units. early_stopping with restore_best_weights keeps the weights of the best epoch.',
    },
  ]
}

/** True where the last epochs brought little: what is learned by then is what there is to learn. */
export function isLevel({ epochs, history }: Curves): boolean {
  const curve = history.get('val_loss') ?? history.get('loss')
  return curve !== undefined && epochs.length >= FEWEST_EPOCHS && tooEarly(Array.from(curve)).length === 0
}

const shortest: CurveFinding = {
  kind: 'underfitting',
  severity: 'note',
  text: 'It may underfit: it was trained for a single epoch.',
  advice: 'Raise fit.epochs (`nnlab train --resume`), and see whether the loss falls further.',
}

function tooEarly(curve: readonly number[]): CurveFinding[] {
  const [first = NaN, last = NaN] = [curve[0], curve.at(-1)]
  if (curve.length === 1) return [shortest]
  const end = Math.max(1, Math.floor(END_SHARE * curve.length))
  const before = curve[curve.length - 1 - end] ?? NaN
  if (!(last <= Math.min(...curve)) || !(before - last > STILL_FALLING * (first - last))) return []
  return [
    {
      kind: 'underfitting',
      severity: 'note',
      text: `It may underfit: the loss was still falling when training ended, from ${shortNumber(before)} to ${shortNumber(last)} in the last ${end === 1 ? 'epoch' : `${end} epochs`}.`,
      advice: 'Raise fit.epochs (`nnlab train --resume`), or compile.optimizer.learning_rate.',
    },
  ]
}
