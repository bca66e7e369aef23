import type { Repetition } from './repetition.ts'
import type { Trial } from './trial.ts'

/** Every fold is the validation split of one trial. */
export const crossValidation: Repetition = {
  name: 'cv',
  option: 'folds',
  title: 'cross-validation',
  command: 'cv',
  choose: (count) => Promise.resolve({ folds: count }),
  trials: ({ folds = 0 }) => Array.from({ length: folds }, (_, i) => foldTrial(i + 1, folds)),
}

function foldTrial(fold: number, folds: number): Trial {
  return {
    kind: 'fold',
    number: fold,
    title: `fold ${fold} of ${folds}`,
    key: `fold-${String(fold).padStart(String(folds).length, '0')}`,
    // A fold has validation rows, which the config alone may lack.
    set: [`data.split.fold=${fold}/${folds}`],
  }
}
