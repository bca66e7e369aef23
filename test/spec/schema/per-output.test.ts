import { expect, it } from 'vitest'

import { metricLabels } from '../../../src/spec/schema/per-output.ts'

it.each([
  ['by their types', ['accuracy', 'auc'], undefined, ['accuracy', 'auc']],
  [
    'with a number from the second of a type on',
    ['precision', 'auc', 'precision', 'precision'],
    undefined,
    ['precision', 'auc', 'precision_1', 'precision_2'],
  ],
  [
    'with their output first, of several',
    ['precision', 'precision'],
    'kind',
    ['kind_precision', 'kind_precision_1'],
  ],
])('metrics are logged %s, as in Keras', (_, types, output, labels) => {
  expect(
    metricLabels(
      types.map((type) => ({ type })),
      output,
    ),
  ).toEqual(labels)
})
