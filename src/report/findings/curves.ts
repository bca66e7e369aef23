import type { ReportedRun } from '../report.ts'
import { shortNumber } from '../text/format.ts'
import type { Finding } from './finding.ts'

/** Overfitting is named where the validation loss rose by this share of its best, and is above the training loss by it. */
const [RISE, GAP] = [0.1, 0.2]
/** Epochs that are needed to judge a curve, and the share of them at its end that should bring nothing more. */
const [FEWEST_EPOCHS, END_SHARE] = [5, 0.1]
/** The share of the whole descent that the last epochs still brought where training ended too early. */
const STILL_FALLING = 0.03

/** One sentence on overfitting or training that ended too early, from the curves of the loss. */
export function curveFindings({ epochs, history, overview }: ReportedRun): Finding[] {
  const [loss, validation] = [history.get('loss'), history.get('val_loss')]
  if (!loss || epochs.length < FEWEST_EPOCHS) return []
  return [
    ...(validation ? overfitting(loss, validation, epochs) : []),
    ...tooEarly(validation ?? loss, overview),
  ]
}

function overfitting(loss: Float64Array, validation: Float64Array, epochs: Float64Array): Finding[] {
  const best = validation.indexOf(Math.min(...validation))
  const [lowest = NaN, last = NaN, trained = NaN] = [validation[best], validation.at(-1), loss.at(-1)]
  if (!(last > (1 + RISE) * lowest && last > (1 + GAP) * trained)) return []
  return [
    {
      severity: 'note',
      text: `It overfits: val_loss was best in epoch ${epochs[best] ?? 0} (${shortNumber(lowest)}) and rose to ${shortNumber(last)}, while loss fell to ${shortNumber(trained)}.`,
      advice:
        'More rows help most; else a dropout layer, kernel_regularizer, fewer units, or early_stopping with restore_best_weights.',
    },
  ]
}

function tooEarly(curve: Float64Array, { epochs }: ReportedRun['overview']): Finding[] {
  const [first = NaN, last = NaN] = [curve[0], curve.at(-1)]
  const before = curve[curve.length - 1 - Math.max(1, Math.floor(END_SHARE * curve.length))] ?? NaN
  const isWhole = epochs.wanted !== undefined && epochs.done >= epochs.wanted
  if (!isWhole || !(last <= Math.min(...curve)) || !(before - last > STILL_FALLING * (first - last)))
    return []
  return [
    {
      severity: 'note',
      text: `It may underfit: the loss was still falling when training ended, from ${shortNumber(before)} to ${shortNumber(last)} in the last epochs.`,
      advice: 'Raise fit.epochs (`nnlab train --resume`), or compile.optimizer.learning_rate.',
    },
  ]
}
