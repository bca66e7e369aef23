import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactDecimal } from '../../../src/table/formats/decimal.ts'
import { runs } from '../../runs.ts'

const read = (text: string): number => exactDecimal(Buffer.from(text), 0, text.length)
/** How many texts of each kind are tried. */
const numRuns = runs(5000)

/** The number itself, or NaN for one that is left to a slower reader. */
const isExact = (text: string): void => {
  const found = read(text)
  if (!Number.isNaN(found)) expect([text, found]).toEqual([text, Number(text)])
}

describe('a decimal', () => {
  it.each([
    '0',
    '-0',
    '1',
    '+1.5',
    '.5',
    '5.',
    '1e22',
    '123456789012345678',
    '0.1234567890123456789',
    '2e-22',
  ])('%s is read', (text) => expect(read(text)).toBe(Number(text)))

  it.each(['', '-', '.', '1e', 'e5', '1.2.3', '1_000', '0x10', 'nan', 'Infinity', '1e999999', '1 2'])(
    '%j is none',
    (text) => expect(read(text)).toBeNaN(),
  )

  it('in any spelling is read exactly', () => {
    const digits = fc.stringMatching(/^\d{0,24}$/)
    const text = fc
      .record({
        sign: fc.constantFrom('', '-', '+'),
        whole: digits,
        fraction: digits,
        exponent: fc.integer({ min: -30, max: 30 }),
      })
      .map(
        ({ sign, whole, fraction, exponent }) =>
          `${sign}${whole}.${fraction}${exponent === 0 ? '' : `e${exponent}`}`,
      )
    fc.assert(fc.property(text, isExact), { numRuns })
  })

  it('of 17 digits is read exactly, and all but a few are read here', () => {
    let left = 0
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 1e15, noNaN: true }), (value) => {
        const text = value.toPrecision(17)
        isExact(text)
        isExact(`-${text}`)
        if (Number.isNaN(read(text))) left++
      }),
      { numRuns },
    )
    expect(left).toBeLessThan(numRuns / 1000)
  })

  it('half way between two doubles, or next to it, is rounded to the even one or left', () => {
    const odd = fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n - 1n })
    fc.assert(
      fc.property(
        odd,
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: -1, max: 1 }),
        (mantissa, shift, by) => {
          const half = (mantissa * 2n + 1n) << BigInt(shift)
          isExact(String(half + BigInt(by)))
          const text = String(half * 5n ** BigInt(shift) + BigInt(by)).padStart(shift + 1, '0')
          isExact(`${text.slice(0, text.length - shift)}.${text.slice(text.length - shift)}`)
        },
      ),
      { numRuns },
    )
  })
})
