import { expect, it } from 'vitest'

import { categoryCodes, REFUSED, unknownTo } from '../../src/exchange/category-codes.ts'
import type { EncodedFeature, Preprocessing } from '../../src/runtime/preprocessing.ts'

type Unseen = 'error' | 'ignore' | 'other'

const filling: Preprocessing = { version: 2, inputs: [], outputs: [], missing: 'fill' }

function oneHot(categories: readonly string[], unseen: Unseen): EncodedFeature {
  return { kind: 'encoded', column: 'town', transform: 'one_hot', state: { categories, unseen } }
}

function ordinal(categories: readonly string[], unseen: 'error' | 'other'): EncodedFeature {
  return { kind: 'encoded', column: 'town', transform: 'ordinal', state: { categories, unseen } }
}

// All numbers of the code `width` are 0.
it.each([
  { feature: oneHot(['a', 'b'], 'ignore'), codes: { a: 0, b: 1, '': 2 }, other: 2, width: 2 },
  { feature: oneHot(['a', 'b'], 'other'), codes: { a: 0, b: 1, '': 3 }, other: 2, width: 3 },
  { feature: oneHot(['a', 'b'], 'error'), codes: { a: 0, b: 1, '': 2 }, other: REFUSED, width: 2 },
  { feature: ordinal(['a', 'b'], 'other'), codes: { a: 0, b: 1, '': 2 }, other: 2, width: 1 },
  { feature: ordinal(['a', 'b'], 'error'), codes: { a: 0, b: 1, '': REFUSED }, other: REFUSED, width: 1 },
  { feature: ordinal(['a', 'b', ''], 'error'), codes: { a: 0, b: 1, '': 2 }, other: REFUSED, width: 1 },
])('codes of $feature.transform $feature.state', ({ feature, codes, other, width }) => {
  const found = categoryCodes(feature, filling)
  expect({ ...found, codes: Object.fromEntries(found?.codes ?? []) }).toEqual({ codes, other, width })
})

it('a missing value is refused where rows without it are dropped', () => {
  const found = categoryCodes(oneHot(['a', 'b'], 'ignore'), { ...filling, missing: 'drop' })
  expect(Object.fromEntries(found?.codes ?? [])).toEqual({ a: 0, b: 1, '': REFUSED })
})

it('a string is found that is no category', () => {
  expect(unknownTo(new Set(['a']))).toBe('unknown')
  expect(unknownTo(new Set(['unknown', 'unknown ']))).toBe('unknown  ')
})
