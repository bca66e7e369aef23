import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readCsv } from '../../../src/table/formats/csv.ts'
import { exactDecimal } from '../../../src/table/formats/decimal.ts'

const field = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  fc.string({ unit: fc.constantFrom('a', 'é', ' ', '1', '.', '-', "'") }),
  fc
    .string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ') })
    .map((text) => `"${text.replaceAll('"', '""')}"`),
)
const rows = fc.array(fc.array(field, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 })
const lineBreak = fc.constantFrom('\n', '\r\n', '\r')

it('finds the fields that csv-parse finds, wherever the pieces of the file are cut', async () => {
  await fc.assert(
    fc.asyncProperty(rows, lineBreak, fc.integer({ min: 1, max: 40 }), async (rows, end, size) => {
      const text = ['p,q,r', ...rows.map((row) => row.join(',')), ''].join(end)
      const bytes = Buffer.from(text)
      async function* stdin() {
        for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
      }
      const types = new Map(['p', 'q', 'r'].map((name) => [name, 'string' as const]))
      const table = await readCsv({ path: '-', header: true }, { directory: '.', stdin: stdin(), types })
      const missing = /^(|NA|N\/A|#N\/A|NaN|nan|NAN|null|NULL|\?)$/
      const wanted: string[][] = parse(bytes, {
        trim: true,
        from_line: 2,
        skip_empty_lines: true,
        record_delimiter: end,
      })
      const found = wanted.map((_, row) => table.columns.map(({ values }) => values[row]))
      expect(table.rows).toBe(wanted.length)
      expect(found).toEqual(wanted.map((row) => row.map((text) => (missing.test(text) ? '' : text))))
    }),
  )
})

it('reads a decimal exactly or leaves it to Number', () => {
  const digits = fc.bigInt({ min: 0n, max: 10n ** 18n }).map(String)
  fc.assert(
    fc.property(
      fc.constantFrom('', '-', '+'),
      digits,
      fc.constantFrom('', '.', '.5', '.000123', '.1234567890123'),
      fc.constantFrom('', 'e5', 'E-7', 'e+22', 'e300'),
      (sign, whole, fraction, exponent) => {
        const text = sign + whole + fraction + exponent
        const bytes = Buffer.from(text)
        const number = exactDecimal(bytes, 0, bytes.length)
        if (!Number.isNaN(number)) expect(number).toBe(Number(text))
      },
    ),
    { numRuns: 2000 },
  )
  for (const text of ['', '.', '-', 'e5', '1e', '1e+', '1.2.3', '0x1f', '1 2', '1a', 'Infinity', 'NaN'])
    expect(exactDecimal(Buffer.from(text), 0, text.length)).toBeNaN()
})

it('reads numbers as JavaScript does, whatever divides them and wherever the pieces are cut', async () => {
  const decimal = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      fc.stringMatching(/^\d{0,20}$/),
      fc.constantFrom('', '.'),
      fc.stringMatching(/^\d{0,12}$/),
      fc.constantFrom('', '', 'e3', 'E-12'),
    )
    .filter(([, whole, , fraction]) => whole + fraction !== '')
    .map(
      ([sign, whole, point, fraction, exponent]) =>
        sign + whole + (point || fraction === '' ? point : '.') + fraction + exponent,
    )
  const blank = fc.constantFrom('', '', ' ', '\t')
  const cell = fc.tuple(blank, decimal, blank).map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 10 }),
      fc.constantFrom(',', ';', '.', '-', '+', '7'),
      fc.integer({ min: 1, max: 40 }),
      async (cells, delimiter, size) => {
        const rows = cells.map((row) => row.map((text) => text.replaceAll(delimiter, '').trim() || '0'))
        const bytes = Buffer.from(
          ['p', ...rows.map((row) => row[0])]
            .map((text, i) => `${text}${delimiter}${i === 0 ? 'q' : rows[i - 1]?.[1]}\n`)
            .join(''),
        )
        async function* stdin() {
          for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
        }
        const types = new Map(['p', 'q'].map((name) => [name, 'number' as const]))
        const table = await readCsv(
          { path: '-', header: true, delimiter },
          { directory: '.', stdin: stdin(), types },
        )
        const found = rows.map((_, row) => table.columns.map(({ values }) => values[row]))
        const wanted = rows.map((row) => row.map(Number))
        // A text that is no number any more is infinite here, and reported elsewhere.
        expect(found).toEqual(
          wanted.map((row) => row.map((number) => (Number.isFinite(number) ? number : Infinity))),
        )
      },
    ),
    { numRuns: 1000 },
  )
})
