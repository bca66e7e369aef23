import { describe, expect, it } from 'vitest'

import { metrics } from '../../../src/components/metrics/index.ts'
import { directionsOf, metricLabels, metricsOf } from '../../../src/spec/schema/per-output.ts'

describe.each(metrics.members.map(({ type, better }) => [type, better] as const))(
  'the direction of %s',
  (type, better) => {
    const config = metrics.ref().safeParse(type).data ?? { type }

    it.each(['', 'val_'])('is known by every name that it is logged under, after "%s"', (prefix) => {
      const both = { metrics: [config], weighted_metrics: [config] }
      const one = directionsOf(both, ['out'])
      expect([`${prefix}${type}`, `${prefix}${type}_1`].map((name) => one.get(name))).toEqual([
        better,
        better,
      ])
      const several = directionsOf(both, ['left', 'right_auc'])
      const names = ['left', 'right_auc'].flatMap((output) => [
        `${prefix}${output}_${type}`,
        `${prefix}${output}_${type}_1`,
      ])
      expect(names.map((name) => several.get(name))).toEqual(names.map(() => better))
    })
  },
)

it('takes nothing for an output whose name all objects have', () => {
  expect(metricsOf<string>({}, 'constructor')).toEqual([])
})

it('does not take the loss of an output for the metric that its name ends with', () => {
  const directions = directionsOf({ metrics: [], weighted_metrics: [] }, ['auc', 'other'])
  expect(directions.get('auc_loss')).toBeUndefined()
})

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
