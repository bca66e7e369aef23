import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { transforms } from '../../../src/components/transforms/index.ts'
import { fillNumber } from '../../../src/components/transforms/missing.ts'
import { applyScaling } from '../../../src/runtime/scaling.ts'
import { preprocessingSchema } from '../../../src/data/fit/preprocessing.ts'
import { expectClose, readGolden } from '../../golden/golden.ts'
import { folderOf, oneInput, prepare, values } from '../../data/support.ts'
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
    in_turn: numbers,
    images: z.array(numbers),
    known: z.object({ mean: numbers, deviation: numbers }),
    per_channel: numbers,
    per_known_channel: numbers,
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

describe('transforms in turn', () => {
  /** A column of strings or of images, as the model takes it. */
  const encoded = async (
    rows: readonly object[],
    features: object,
    ...shape: number[]
  ): Promise<number[]> => {
    const directory = await folderOf({ 'rows.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') })
    const section = { type: 'jsonl', path: 'rows.jsonl', target: 'y', features }
    const options = { directory, inputs: oneInput(...shape), outputs: values(1) }
    const { train, preprocessing } = await prepare(section, options)
    expect(preprocessingSchema.parse(JSON.parse(JSON.stringify(preprocessing)))).toEqual(preprocessing)
    return Array.from(train.inputs[0]?.data ?? [])
  }
  const cities = golden.cities.map((x) => ({ x, y: 0 }))
  const images = golden.images.map((flat) => ({
    x: [0, 1].map((row) => [0, 1].map((at) => flat.slice(6 * row + 3 * at, 6 * row + 3 * at + 3))),
    y: 0,
  }))

  it('are those of a pipeline of scikit-learn', async () => {
    expectClose(await encoded(cities, { transforms: { x: ['ordinal', 'standard'] } }, 1), golden.in_turn, {
      relative: 1e-6,
    })
  })

  it('scale each channel of images as the normalization of Keras', async () => {
    const scale = { type: 'standard', per_channel: true }
    expectClose(await encoded(images, { scale }, 2, 2, 3), golden.per_channel, { relative: 1e-5 })
    const known = { type: 'standard', ...golden.known }
    for (const features of [
      { scale: known },
      { transforms: { x: known } },
      { transforms: { x: ['none', known] } },
    ])
      expectClose(await encoded(images, features, 2, 2, 3), golden.per_known_channel, { relative: 1e-6 })
    const byHand = { transforms: { x: [{ type: 'divide', divisor: 255 }, scale] } }
    expectClose(await encoded(images, byHand, 2, 2, 3), golden.per_channel, { relative: 1e-5 })
  })

  it('are as if each had a column of its own', async () => {
    const numbers = golden.train.map((x) => ({ x, y: 0 }))
    const turned = await encoded(numbers, { transforms: { x: ['min_max', 'standard'] } }, 1)
    expectClose(turned, await encoded(numbers, { scale: 'standard' }, 1), { relative: 1e-6 })
    const known = [
      { type: 'min_max', min: 0, max: 10 },
      { type: 'divide', divisor: 2 },
    ]
    expectClose(
      await encoded(numbers, { transforms: { x: known } }, 1),
      golden.train.map((x) => x / 20),
      { relative: 1e-6 },
    )
    const [one = NaN] = await encoded(numbers.slice(0, 1), { scale: { type: 'min_max', max: 13.5 } }, 1)
    expect(one).toBe(0)
  })

  it.each([
    [
      'an encoding after another',
      cities,
      { transforms: { x: ['ordinal', 'one_hot'] } },
      'one_hot encodes strings, so it can only be the first',
    ],
    [
      'an encoding of numbers',
      golden.train.map((x) => ({ x, y: 0 })),
      { transforms: { x: ['standard', 'ordinal'] } },
      'ordinal encodes strings, so it can only be the first',
    ],
    [
      'lists for other channels',
      images,
      { scale: { type: 'standard', mean: [1, 2] } },
      'standard has numbers for 2 channels, but the column "x" has 3',
    ],
    [
      'lists of several lengths',
      images,
      { scale: { type: 'standard', mean: [1, 2, 3], deviation: [1] } },
      'standard has numbers for 1 channel, but the column "x" has 3',
    ],
  ])('refuse %s', async (_, rows, features, message) => {
    await expect(encoded(rows, features, 1)).rejects.toThrow(message)
  })
})
