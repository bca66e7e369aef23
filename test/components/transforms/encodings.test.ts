import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { transforms } from '../../../src/components/transforms/index.ts'
import { partsOfDate, secondsOfDate } from '../../../src/runtime/encodings/date.ts'
import { encodeTexts, fitTexts } from './support.ts'

const words = fc.array(fc.constantFrom('a', 'b', 'B', 'a b', 'é', '10', '9', 'c, d!'), {
  minLength: 1,
  maxLength: 30,
})
const lists = fc.array(
  fc.array(fc.nat(100)).map((ids) => `[${ids.join(', ')}]`),
  { minLength: 1, maxLength: 20 },
)
const days = fc
  .date({ min: new Date('1950-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())

/** Configs of every encoding, with texts that it takes. */
const cases: [Record<string, unknown> & { type: string }, fc.Arbitrary<string[]>][] = [
  [{ type: 'one_hot' }, words],
  [{ type: 'one_hot', unseen: 'other' }, words],
  [{ type: 'ordinal' }, words],
  [{ type: 'ordinal', unseen: 'other' }, words],
  [{ type: 'date' }, fc.array(days, { minLength: 1, maxLength: 20 })],
  [{ type: 'date', parts: ['hour', 'minute'], cyclic: false }, fc.array(days, { minLength: 1 })],
  [{ type: 'tokens', output_sequence_length: 3, max_tokens: 4 }, words],
  [{ type: 'tokens', output_sequence_length: 3, padding: 'pre', truncating: 'pre' }, words],
  [{ type: 'sequence', output_sequence_length: 3 }, lists],
  [{ type: 'sequence', output_sequence_length: 3, padding: 'pre', truncating: 'pre' }, lists],
]

describe('every encoding', () => {
  it('has a case here', () => {
    const encodings = transforms.members.filter(({ kind }) => kind === 'encoding').map(({ type }) => type)
    expect([...new Set(cases.map(([{ type }]) => type))]).toEqual(encodings)
  })

  it.each(cases)(
    '%o writes its whole width and nothing else, the same after JSON and in any order',
    (config, texts) => {
      fc.assert(
        fc.property(texts, (training) => {
          const encoding = fitTexts(config, training)
          const { width } = encoding
          const data = new Float32Array(width + 2).fill(0)
          for (const text of training) {
            data.fill(0)
            data[0] = data[width + 1] = -7
            expect(encoding.write(text, data, 1)).toBeUndefined()
            expect([data[0], data[width + 1]]).toEqual([-7, -7])
            expect(data.every(Number.isFinite)).toBe(true)
          }
          const backwards = training.toReversed()
          const encoded = encodeTexts(config, training, training)
          const rows = Array.from(training, (_, i) => encoded.slice(i * width, (i + 1) * width))
          expect(encodeTexts(config, training, backwards)).toEqual(rows.toReversed().flat())
        }),
        { numRuns: 30 },
      )
    },
  )

  it.each(cases)('%o refuses a state that is not its own', ({ type }) => {
    const member = transforms.find(type)
    if (member?.kind !== 'encoding') throw new Error(`${type} is no encoding`)
    const feature = { kind: 'encoded', column: 'a', transform: type, state: { what: 1 } }
    expect(member.saved().safeParse(feature).success).toBe(false)
  })
})

describe('one_hot', () => {
  it('knows the distinct texts in one order, and missing ones not at all', () => {
    expect(fitTexts({ type: 'one_hot' }, ['b', '', 'a', 'B', 'b', 'é']).width).toBe(4)
    expect(encodeTexts({ type: 'one_hot' }, ['b', 'a', 'B'], ['B', 'a', ''])).toEqual([
      1, 0, 0, 0, 1, 0, 0, 0, 0,
    ])
  })

  it('treats an unseen value as it is told', () => {
    const encode = (unseen: string) => encodeTexts({ type: 'one_hot', unseen }, ['a', 'b'], ['c'])
    expect(() => encode('error')).toThrow('c is not one of the 2 values of the training split: a, b')
    expect(encode('ignore')).toEqual([0, 0])
    expect(encode('other')).toEqual([0, 0, 1])
  })

  it('takes its categories from the config', () => {
    expect(encodeTexts({ type: 'one_hot', categories: ['b', 2] }, ['b'], ['2'])).toEqual([0, 1])
  })
})

describe('ordinal', () => {
  it('sorts numbers by size', () => {
    expect(encodeTexts('ordinal', ['10', '9', '100'], ['9', '10', '100'])).toEqual([0, 1, 2])
  })

  it('has no number for a missing value, but where others have one', () => {
    expect(() => encodeTexts({ type: 'ordinal', unseen: 'error' }, ['a'], [''])).toThrow('is missing')
    expect(encodeTexts({ type: 'ordinal', unseen: 'other' }, ['a', 'b'], [''])).toEqual([2])
  })
})

describe('date', () => {
  it('puts December beside January', () => {
    const [sine = 0, cosine = 0, ...january] = encodeTexts(
      { type: 'date', parts: ['month'] },
      ['2024-01-01'],
      ['2024-12-31', '2024-01-01'],
    )
    expect(january).toEqual([0, 1])
    expect(Math.hypot(sine - 0, cosine - 1)).toBeCloseTo(2 * Math.sin(Math.PI / 12), 6)
  })

  it.each(['2024-02-30', '2024-13-01', '24-01-01', 'yesterday', '2024-01-01T24:00', '2024-01-01T10:60'])(
    'refuses %s',
    (text) => {
      expect(partsOfDate(text)).toBeUndefined()
      expect(secondsOfDate(text)).toBeUndefined()
      expect(() => encodeTexts('date', ['2024-01-01'], [text])).toThrow('is not a date')
    },
  )

  it('orders points in time whatever their zone', () => {
    fc.assert(
      fc.property(days, (text) => {
        const seconds = Date.parse(text) / 1000
        expect(secondsOfDate(text)).toBeCloseTo(seconds, 3)
      }),
    )
    expect(secondsOfDate('2024-05-31T00:30:00+02:00')).toBe(Date.parse('2024-05-30T22:30:00Z') / 1000)
    expect(secondsOfDate('2024-05-31 00:30 -0130')).toBe(Date.parse('2024-05-31T02:00:00Z') / 1000)
  })
})
