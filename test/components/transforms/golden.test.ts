import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { transforms } from '../../../src/components/transforms/index.ts'
import { fillNumber } from '../../../src/components/transforms/missing.ts'
import { applyScaling } from '../../../src/runtime/scaling.ts'
import { expectClose, readGolden } from '../../golden/golden.ts'
import { encodeTexts } from './support.ts'

const numbers = z.array(z.number())
const golden = readGolden(
  'transforms',
  z.object({
    train: numbers,
    new: numbers,
    scalings: z.record(z.string(), numbers),
    lacking: z.array(z.number().nullable()),
    imputed: z.record(z.string(), numbers),
    cities: z.array(z.string()),
    one_hot: numbers,
    ordinal: numbers,
    sizes: z.array(z.string()),
    ordinal_sizes: numbers,
    dates: z.array(z.string()),
    parts: z.record(z.string(), numbers),
    texts: z.array(z.string()),
    new_texts: z.array(z.string()),
    tokens: z.array(
      z.object({
        options: z.record(z.string(), z.unknown()),
        vocabulary: z.array(z.string()),
        ids: numbers,
      }),
    ),
  }),
)

describe('scikit-learn', () => {
  it.each(Object.entries(golden.scalings))('scales like %s', (type, expected) => {
    const member = transforms.find(type)
    if (member?.kind !== 'scaling') throw new Error(`${type} is no scaling`)
    const fit = member.fit({ type, indicator: false })
    for (const value of golden.train) fit?.add(value)
    const scaling = fit?.scaling()
    expectClose(
      golden.new.map((value) => applyScaling(scaling, value)),
      expected,
      { relative: 1e-8 },
    )
  })

  it.each(['mean', 'median', 'constant'] as const)('fills in the %s', (strategy) => {
    const present = Float64Array.from(golden.lacking.filter((value) => value !== null))
    const fill = fillNumber(strategy === 'constant' ? { constant: -1.5 } : strategy, present)
    const rows = golden.lacking.flatMap((value) => [value ?? fill ?? NaN, value === null ? 1 : 0])
    expectClose(rows, golden.imputed[strategy] ?? [], { relative: 1e-8 })
  })

  it('encodes one-hot', () => {
    const encoded = encodeTexts({ type: 'one_hot', unseen: 'ignore' }, golden.cities, [
      'Rome',
      'Paris',
      'Oslo',
    ])
    expect(encoded).toEqual(golden.one_hot)
  })

  it('numbers sorted and listed values', () => {
    const sorted = encodeTexts({ type: 'ordinal', unseen: 'other' }, golden.cities, ['Rome', 'Paris', 'Bern'])
    expect(sorted).toEqual(golden.ordinal)
    const categories = ['small', 'medium', 'large']
    const listed = encodeTexts({ type: 'ordinal', categories, unseen: 'other' }, golden.sizes, [
      'large',
      'small',
      'huge',
    ])
    expect(listed).toEqual(golden.ordinal_sizes)
  })
})

describe('pandas', () => {
  it.each(Object.entries(golden.parts))('finds the %s of a date', (part, expected) => {
    const config = { type: 'date', parts: [part], cyclic: false, scale: false }
    expect(encodeTexts(config, golden.dates, golden.dates)).toEqual(expected)
  })
})

describe('Keras', () => {
  it.each(golden.tokens)('makes tokens with $options', ({ options, vocabulary, ids }) => {
    const config = {
      type: 'tokens',
      ...options,
      standardize: options['standardize'] ?? standardizeOf(options),
    }
    const member = transforms.find('tokens')
    const fitted = member?.kind === 'encoding' && member.fit(golden.texts, transforms.ref().parse(config))
    expect(fitted).toMatchObject({ state: { words: vocabulary } })
    expect(encodeTexts(config, golden.texts, golden.new_texts)).toEqual(ids)
  })
})

/** Keras writes no standardization as None. */
function standardizeOf(options: Readonly<Record<string, unknown>>): string {
  return 'standardize' in options ? 'none' : 'lower_and_strip_punctuation'
}
