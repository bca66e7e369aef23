import type { OutputState } from '../../src/runtime/preprocessing.ts'

/** An output of one unit whose class `no` is the positive one. */
export function soldOutput(name: string): OutputState {
  return {
    kind: 'classes',
    name,
    shape: [1],
    columns: ['sold'],
    form: 'labels',
    classes: ['no', 'yes'],
    positive: 'no',
    probabilities: 'sigmoid',
  }
}

/** An output of a number that was scaled. */
export function priceOutput(name: string): OutputState {
  return {
    kind: 'numbers',
    name,
    shape: [1],
    columns: ['price'],
    scalings: [{ subtract: 7, multiply: 0.25 }],
  }
}
