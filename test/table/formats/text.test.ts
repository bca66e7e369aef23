import { describe, expect, it } from 'vitest'

import { datePattern, timePattern } from '../../../src/runtime/date-format.ts'
import { distinctValues, placeIn } from '../../../src/runtime/encodings/categories.ts'
import { numberPattern, numberReader } from '../../../src/runtime/number-format.ts'
import type { TextForm } from '../../../src/runtime/text-form.ts'
import { detectForm } from '../../../src/table/formats/detect.ts'
import { dateFormats } from '../../../src/table/formats/date-formats.ts'
import { numberForm } from '../../../src/table/formats/number-form.ts'
import { likelyEncoding } from '../../../src/table/formats/encoding.ts'
import { readCsv } from '../../../src/table/formats/csv.ts'
import type { CsvForm } from '../../../src/table/formats/csv.ts'
import { readJsonl } from '../../../src/table/formats/jsonl.ts'
import type { TableReading } from '../../../src/table/columns/reading.ts'

function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

async function* stream(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (const piece of piecesOf(bytes, size)) yield await Promise.resolve(piece)
}

function readingOf(content: string | Uint8Array, more: Partial<TableReading> = {}, size = 7): TableReading {
  return { directory: '.', stdin: stream(Buffer.from(content), size), ...more }
}

async function csvValues(
  content: string | Uint8Array,
  { form, size, ...reading }: Partial<TableReading> & { form?: Partial<CsvForm>; size?: number } = {},
): Promise<Record<string, unknown[]>> {
  const table = await readCsv({ path: '-', header: true, ...form }, readingOf(content, reading, size))
  return Object.fromEntries(table.columns.map(({ name, values }) => [name, [...values]]))
}

/** The bytes of a text, found among all pairs of bytes. */
function encodedAs(label: string, text: string): Buffer {
  const decoder = new TextDecoder(label)
  const known = new Map<string, readonly number[]>()
  for (let first = 255; first >= 0; first--) {
    const bytes =
      first < 128 ? [[first]] : [[first], ...Array.from({ length: 192 }, (_, i) => [first, i + 64])]
    for (const one of bytes) known.set(decoder.decode(Uint8Array.from(one)), one)
  }
  return Buffer.from([...text].flatMap((character) => known.get(character) ?? [63]))
}

describe('the encoding of a csv file', () => {
  const text = 'tier,größe\nBär,1\nŁódź €,2\n'
  const utf16be = Buffer.from(`\ufeff${text}`, 'utf16le').swap16()

  it.each([1, 2, 3, 5, 64])('is UTF-8, or UTF-16 by its mark, in pieces of %d bytes', async (size) => {
    const wanted = { tier: ['Bär', 'Łódź €'], größe: [1, 2] }
    expect(await csvValues(text, { size })).toEqual(wanted)
    expect(await csvValues(`\ufeff${text}`, { size: size + 3 })).toEqual(wanted)
    expect(await csvValues(Buffer.from(`\ufeff${text}`, 'utf16le'), { size: size + 1 })).toEqual(wanted)
    expect(await csvValues(utf16be, { size: size + 1 })).toEqual(wanted)
  })

  it('is the one that is given', async () => {
    const latin = Buffer.from('tier,x\nB\xe4r,1\nB\xf6r,2\n', 'latin1')
    const wanted = { tier: ['Bär', 'Bör'], x: [1, 2] }
    expect(await csvValues(latin, { form: { encoding: 'latin1' } })).toEqual(wanted)
    expect(await csvValues(Buffer.from('a\n\x80', 'latin1'), { form: { encoding: 'windows-1252' } })).toEqual(
      {
        a: ['€'],
      },
    )
    const bare = Buffer.from('a\nä\n', 'utf16le')
    expect(await csvValues(bare, { form: { encoding: 'utf-16le' } })).toEqual({ a: ['ä'] })
    await expect(csvValues(bare)).rejects.toMatchObject({ hint: expect.stringContaining('utf-16le') })
  })

  it.each([
    ['windows-1252', 'größe;Straße\nfür;Ærø\nÅse;naïve\n'],
    ['windows-1250', 'Województwo;Łódź\nŚląskie;źródło\nŻary;mały\n'],
    ['windows-1251', 'Город;Цена\nМосква;панельный\nКазань;кирпичный\n'],
    ['shift_jis', '店舗,天気,売上\n東京本店,晴れ,1\n大阪支店,曇り,2\n'],
    ['shift_jis', '性別,年齢\n男,1\n女,2\n男,3\n'],
    ['euc-jp', '店舗,天気,売上\n東京本店,晴れ,1\n大阪支店,曇り,2\n'],
    ['euc-jp', 'pref,sex\n東京都,男性\n大阪府,女性\n北海道,男性\n'],
    ['gb18030', '城市,面积,楼层\n北京,精装,3\n上海,毛坯,4\n'],
    ['euc-kr', '도시,면적,층\n서울,새것,1\n부산,낡음,2\n'],
    ['big5', '性別,年齡\n男,1\n女,2\n男,3\n男,4\n女,5\n'],
    ['big5', '城市,價格,樓層\n臺北,電梯,3\n高雄,學區,4\n'],
  ])('is detected as %s', (label, text) => {
    expect(likelyEncoding(encodedAs(label, text))).toBe(label)
  })

  it.each([
    'time,temp \xb0C,dose [\xb5g]\n1,20,3\n',
    'id,\xc4nderung\n1,Mo\x96Fr\n',
    'text,y\nI don\x92t know,1\n\x93I\x92m sure it\x92s fine\x94,0\n',
    '\xbfQue,\xa3m,x\n1,2,3\n',
  ])('is not taken for one of two bytes by signs before letters: %j', (text) => {
    expect(likelyEncoding(Buffer.from(text, 'latin1'))).toBe('windows-1252')
  })

  it.each([
    ['shift_jis', '店舗,天気\n東京本店,晴れ\n大阪支店,曇り\n'],
    ['windows-1251', 'Город,Цена\nМосква,панельный\nКазань,кирпичный\n'],
  ])('is said where it is refused: %s', async (label, text) => {
    await expect(csvValues(encodedAs(label, text), { size: 64 })).rejects.toMatchObject({
      message: expect.stringContaining(`as ${label} it reads "${text.slice(0, text.indexOf(','))}"`),
      hint: expect.stringContaining(`data.encoding: ${label}`),
    })
    const lines = encodedAs(label, `{"x": "${text.slice(0, 5)}"}`)
    await expect(readJsonl('-', readingOf(lines))).rejects.toMatchObject({
      hint: expect.stringContaining('save the file as UTF-8'),
    })
  })

  it('is UTF-8 in spite of a stray byte, which is refused with its place', async () => {
    const stray = Buffer.concat([
      Buffer.from('ort\nKöln\nMünchen\nNürnberg\n'),
      Buffer.from('K\xf6ln\n', 'latin1'),
    ])
    expect(likelyEncoding(stray)).toBe('utf-8')
    await expect(csvValues(stray, { size: 64 })).rejects.toMatchObject({
      message: expect.stringContaining('<stdin>:5: byte 0xf6 is not UTF-8; as windows-1252 it reads "'),
      hint: 'the text before it is UTF-8: correct these bytes, or save the whole file as UTF-8',
    })
  })

  it.each([1, 4, 64])(
    'is refused with its place where it is another, in pieces of %d bytes',
    async (size) => {
      const latin = Buffer.from('n,tier\n1,Kuh\n2,B\xe4r und\n3,Kuh\n', 'latin1')
      await expect(csvValues(latin, { size })).rejects.toMatchObject({
        message: expect.stringMatching(/^<stdin>:3: byte 0xe4 is not UTF-8; .* "B?är.*" in column "tier"$/),
        hint: expect.stringContaining('data.encoding: windows-1252'),
      })
      const quoted = Buffer.from('tier,n\n"Kuh",1\n"B\xe4r, und",2\n', 'latin1')
      await expect(csvValues(quoted, { size })).rejects.toMatchObject({
        message: expect.stringMatching(/^<stdin>:3: byte 0xe4 is not UTF-8; .* in column "tier"$/),
        hint: expect.stringContaining('data.encoding: windows-1252'),
      })
      const cut = Buffer.from('tier\nB\xc3', 'latin1')
      await expect(csvValues(cut, { size })).rejects.toThrow('<stdin>:2: byte 0xc3 is not UTF-8')
    },
  )
})

describe('numbers in a csv file', () => {
  const comma: TextForm = { decimal: ',' }

  it.each<[string, TextForm, string, unknown[]]>([
    [
      'a decimal comma',
      comma,
      'x\n6,5\n-0,25\n1,5e3\n12345678901234,5\nNA\n7\n',
      [6.5, -0.25, 1500, 12345678901234.5, NaN, 7],
    ],
    [
      'points between thousands',
      { decimal: ',', thousands: '.' },
      'x\n1.234,5\n2.000.000\n12\n',
      [1234.5, 2e6, 12],
    ],
    [
      'commas between thousands',
      { thousands: ',' },
      'x\n"2,132,587"\n"1,000.5"\n7.25\n',
      [2132587, 1000.5, 7.25],
    ],
    ['blanks between thousands', { thousands: ' ' }, 'x\n1 234\n1\u00a0000\n3\n', [1234, 1000, 3]],
  ])('may have %s', async (_, text, content, wanted) => {
    const delimiter = content.includes('"') ? ',' : ';'
    expect(await csvValues(content, { text, form: { delimiter } })).toEqual({ x: wanted })
  })

  it('are the same whether the column is known or not, for each form', () => {
    const read = numberReader({ decimal: ',', thousands: '.' })
    expect(['1.5', '1.500', '1,5', '1.50,2', ',5', 'x'].map(read)).toEqual([
      undefined,
      1500,
      1.5,
      undefined,
      0.5,
      undefined,
    ])
  })

  it('take booleans of every program', async () => {
    const types = new Map([['x', 'number' as const]])
    expect(await csvValues('x\nTrue\nFALSE\n1\n', { types })).toEqual({ x: [1, 0, 1] })
  })
})

it('patterns are for the columns that they name: one may have the name of a property', async () => {
  const content = 'constructor,toString,when\nAlpine,1,31.12.2024\n'
  expect(await csvValues(content, { text: { formats: { when: 'dd.MM.yyyy' } } })).toEqual({
    constructor: ['Alpine'],
    toString: [1],
    when: ['2024-12-31'],
  })
})

describe('words for missing values', () => {
  it('may be numbers', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i % 50 === 7 ? -999 : i}\n`).join('')
    const { x } = await csvValues(`x\n${rows}`, { text: { missing_values: ['-999'] } })
    expect(x?.filter(Number.isNaN)).toHaveLength(4)
  })

  it('can be set, and are no labels', async () => {
    const content = 'x,y\n1,NA\nNone,EU\n3,\n'
    const none = await csvValues(content, { text: { missing_values: ['None'] } })
    expect(none).toEqual({ x: [1, NaN, 3], y: ['NA', 'EU', ''] })
    const labels = await csvValues(content, {
      values: new Map([['y', ['NA', 'EU']]]),
      text: { missing_values: ['None', 'NA'] },
    })
    expect(labels['y']).toEqual(['NA', 'EU', ''])
  })
})

describe('other lines of a csv file', () => {
  it.each([1, 3, 64])('begin as the config says, in pieces of %d bytes', async (size) => {
    const csv = 'a,b\n"Total",9\n1,2\n# x\nTotals,4\nTo'
    const form = { comment: ['#', '"Total",'] }
    expect(await csvValues(`${csv},3\n`, { size, form })).toEqual({ a: ['1', 'Totals', 'To'], b: [2, 4, 3] })
  })

  it('repeat the header where files were put together', async () => {
    const table = await readCsv({ path: '-', header: true }, readingOf('a,b\n1,2\na,b\n3,4\n'))
    expect(table.columns.map(({ values }) => [...values])).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(table.notes).toEqual(['<stdin>: the header is repeated in 1 line, left out'])
  })

  it('name the delimiter', async () => {
    expect(await csvValues('sep=;\na;b\n1;2\n', { form: { delimiter: ';' } })).toEqual({ a: [1], b: [2] })
    await expect(csvValues('sep=;\na;b\n1;2\n')).rejects.toMatchObject({ hint: 'set data.delimiter: ";"' })
    await expect(csvValues('a;b\n1,5;2\n')).rejects.toMatchObject({
      hint: expect.stringContaining('set data.delimiter: ";"'),
    })
  })

  it.each([',x\n5,1\n', 'Unnamed: 0,x\n5,1\n'])('mark the index that pandas writes: %j', async (content) => {
    expect((await readCsv({ path: '-', header: true }, readingOf(content))).index).toHaveLength(1)
  })
})

describe('dates', () => {
  it.each([
    ['dd.MM.yyyy', '31.12.2022', '2022-12-31'],
    ['MM/dd/yyyy HH:mm', '12/31/2022 18:05', '2022-12-31T18:05:00'],
    ['MMM d yyyy', 'Jan 1 2000', '2000-01-01'],
    ["d MMMM yyyy 'at' h:mm a", '3 March 1999 at 1:05 PM', '1999-03-03T13:05:00'],
    ['yyyyMMdd', '20220101', '2022-01-01'],
    ['yyyy-MM', '2022-01', '2022-01-01'],
    ['yyyyQQQ', '2022Q3', '2022-07-01'],
    ['yyyy年M月d日', '2022年1月31日', '2022-01-31'],
    ['dd/MM/yy', '05/06/71', '1971-06-05'],
  ])('in the pattern %s', (pattern, text, iso) => {
    expect(datePattern(pattern)(text)).toBe(iso)
    expect(datePattern(pattern)('x')).toBeUndefined()
  })

  it.each([
    ['dd.MM.yyyy', '31.02.2023'],
    ['MM/dd/yyyy', '13/01/2023'],
    ['d MMM yyyy', '29 Feb 2023'],
  ])('that do not exist stay as they are written: %s, %s', (pattern, text) => {
    expect(datePattern(pattern)(text)).toBeUndefined()
  })

  it.each([
    ['H:mm:ss', '1:30:05', 5405],
    ['h:mm a', '1:05 PM', 47100],
  ])('alone are seconds, in the pattern %s', (pattern, text, seconds) => {
    expect(timePattern(pattern)(text)).toBe(seconds)
  })

  it('become ISO 8601 in the columns that the config lists', async () => {
    const text = { formats: { when: 'dd.MM.yyyy' } }
    expect(await csvValues('when,x\n31.12.2022,1\nlate,2\n', { text })).toEqual({
      when: ['2022-12-31', 'late'],
      x: [1, 2],
    })
  })
})

describe('detection', () => {
  it('finds how numbers and dates are written', () => {
    expect(numberForm(['6,5', '10,25'])).toEqual({ decimal: ',' })
    expect(numberForm(['0,125', '0,500'])).toEqual({ decimal: ',' })
    expect(numberForm(['2,132,587', '407,699'])).toEqual({ thousands: ',' })
    expect(numberForm(['1.234,5', '6,5'])).toEqual({ decimal: ',', thousands: '.' })
    expect(numberForm(['1.5', '2'])).toBeUndefined()
    expect(numberForm(['6,5', 'a'])).toBeUndefined()
    expect(dateFormats(['01.02.2022', '31.12.2022'])).toEqual(['dd.MM.yyyy'])
    expect(dateFormats(['01/02/2022', '03/04/2022'])).toEqual(['MM/dd/yyyy', 'dd/MM/yyyy'])
    expect(dateFormats(['2022-01-31'])).toEqual([])
  })

  it('finds the form of a file', async () => {
    const content = 'wann;größe;n\n31.12.2022;1,5;3\n01.01.2023;2,5;4\n'
    const form = { delimiter: ';', decimal: ',', formats: { wann: 'dd.MM.yyyy' } }
    expect(await detectForm('-', readingOf(content, {}, 1000))).toEqual(form)
    const latin = readingOf(Buffer.from(content, 'latin1'), {}, 1000)
    expect(await detectForm('-', latin)).toEqual({ ...form, encoding: 'windows-1252' })
    expect(await detectForm('-', readingOf('a,b\n1,2\n', {}, 1000))).toEqual({})
  })
})

describe('a value that another program spells differently', () => {
  it('is the same category', () => {
    const booleans = placeIn(['False', 'True'])
    expect(['True', 'TRUE', 'true', '1', '1.0', '0', 'yes'].map(booleans)).toEqual([
      1,
      1,
      1,
      1,
      1,
      0,
      undefined,
    ])
    expect(['3.0', '3', '01', '2'].map(placeIn(['1', '2', '3']))).toEqual([2, 2, undefined, 1])
    expect(['True', '0'].map(placeIn(['0', '1']))).toEqual([1, 0])
    // Versions are names, not numbers.
    expect(['1', '1.0'].map(placeIn(['1.0', '1.0.1']))).toEqual([undefined, 0])
    expect(distinctValues(['True', 'TRUE', '', 'False'])).toEqual(['True', '', 'False'])
    expect(distinctValues(['3', '3.0', '007', '7'])).toEqual(['3', '3.0', '007', '7'])
    expect(distinctValues(['3', '3.0', '7'])).toEqual(['3', '7'])
  })
})

it('a JSON array holds a row each', async () => {
  const table = await readJsonl('-', readingOf('[\n {"x": 1, "on": true},\n {"x": 2}\n]\n'))
  expect(table.columns.map(({ values }) => [...values])).toEqual([
    [1, 2],
    [1, NaN],
  ])
  expect(table.place(1)).toBe('<stdin>: row 2')
})

describe('the form that is found in a csv file', () => {
  const formOf = (content: string) => detectForm('-', readingOf(content))

  it.each([
    ['blanks between fields', '  a   b\n  1  2.5\n 10  3\n', { delimiter: 'whitespace' }],
    ['names of rows', '"a" "b"\n"1" 5 x\n"2" 6 y\n', { delimiter: 'whitespace' }],
    ['tabs', 'a\tb c\n1\tx y\n2\tz u\n', { delimiter: '\t' }],
    ['blanks inside fields', 'a b,c d\n1 2,3 4\n', {}],
    ['one column of decimals with commas', 'a;b\n1;2,5\n2;3,5\n', { delimiter: ';', decimal: ',' }],
    ['the sign itself', 'sep=;\r\na;b\r\n1;2\r\n', { delimiter: ';' }],
    ['no header', '5.1,x\n4.9,y\n6,x\n5,y\n', { header: false }],
    ['no header, of numbers alone', '3,4,4\n1,2,2\n5,6,7\n', { header: false }],
    ['years as names', 'name,2001,2002\nx,1,2\ny,3,4\n', {}],
    ['a unit behind numbers', 'a,b\n1 km,x\n"2,500 km",y\n', { formats: { a: '#,##0 km' } }],
    ['a currency before numbers', 'a,b\n$1,x\n-$2.50,y\n', { formats: { a: '$0' } }],
    ['percentages of one decimal', 'a,b\n"1,5 %",2.5\n"2,5 %",3.5\n', { formats: { a: '0,0 %' } }],
    ['other signs in one column', 'a,b,c\n"1,5",2.5,1.5\n"2,5",3.5,4\n', { formats: { a: '0,0' } }],
    ['ids that begin alike', 'a,b\nAB 1,2\nAB 2,3\n', {}],
    [
      'squares and words in other languages',
      'a,b\n3 m²,n/v\n45 m²,7\n7 m²,k. A.\n',
      { formats: { a: '0 m²' }, missing_values: expect.arrayContaining(['n/v', 'k. A.']) },
    ],
    ...[
      '0.1s',
      '2 V',
      '80 km/h',
      '5.5 mg/dL',
      '3.5 €/m²',
      '85 m2',
      '7 /min',
      '15.6″',
      '40 sq.ft',
      '2 hrs.',
      '51.5°N',
    ].map((value): [string, string, object] => [
      `the unit of ${value}`,
      `a;b\n${[1, 2, 3, 4, 5, 6].map((digit) => `${digit}${value}`).join(';x\n')};x\n`,
      { delimiter: ';', formats: { a: value.replace(/[\d.]+(?!$)/, '0') } },
    ]),
    [
      'numbers in groups, told by those beside units',
      'a\tb\n245.000\t98,29 m²\n208.500\t46,7 m²\n',
      { delimiter: '\t', decimal: ',', thousands: '.', formats: { b: '0,0 m²' } },
    ],
    ['Swiss amounts', "a;b\nCHF 61'250.-;x\nCHF 980.-;y\n", { delimiter: ';', formats: { a: "CHF#'##0.-" } }],
    ['groups of two digits', 'a,b\n"12,34,567",x\n"5,000",y\n', { thousands: ',' }],
    ['bounds on both sides', 'a,b\n<0.5,x\n>100,y\n7,z\n', { formats: { a: '<0' } }],
    ...[
      ['January 2023', 'MMMM yyyy'],
      ['Jan-23', 'MMM-yy'],
      ['5 de marzo de 2023', "d 'de' MMMM 'de' yyyy"],
      ['2023M12', "yyyy'M'MM"],
      ['28.02.2023, 13:05', 'dd.MM.yyyy, HH:mm'],
    ].map(([date, pattern]): [string, string, object] => [
      `dates such as ${date}`,
      `a;b\n${date};x\n${date};y\n`,
      { delimiter: ';', formats: { a: pattern } },
    ]),
    ['quarters', 'a,b\n2000 Q1,1\n2000 Q2,2\n', { formats: { a: 'yyyy QQQ' } }],
    [
      'many of the usual words for a missing value',
      `a,b\n-,1\n..,2\nn/v,3\nk.A.,4\n#DIV/0!,5\n${'1,1\n'.repeat(60)}none given,2\n`,
      { missing_values: expect.arrayContaining(['..', 'none given']) },
    ],
    [
      'a line of delimiters and remarks below the rows',
      `Rents\n\na;b;c\n${'x;1,5 €;2\n'.repeat(9)};;\nSource: the city\n* estimates\n`,
      {
        delimiter: ';',
        skip_rows: 2,
        comment: [';;', 'Source:', '* estimates'],
        formats: { b: '0,0 €' },
      },
    ],
    [
      'lines of delimiters alone below the rows',
      `a,b,c\n${'x,1 km,2\n'.repeat(9)}${',,\n'.repeat(30)}`,
      { comment: ',,', formats: { b: '0 km' } },
    ],
    ['two units in a column', 'a,b\n1 m,2\n2 km,3\n', {}],
    ['ranks', 'a,b\n1st,2\n4th,3\n', {}],
    ['few names of digits and letters', `a,b\n${'2wd,3\n4wd,5\n'.repeat(4)}`, {}],
    [
      'many numbers with a unit',
      `a,b\n${[...'123456'].map((x) => `${x}km,5\n`).join('')}`,
      { formats: { a: '0km' } },
    ],
    [
      'names in single quotes',
      `'a','b c'\n1 km,1.5 %\n2 km,2.5 %\n`,
      { formats: { a: '0 km', 'b c': '0 %' } },
    ],
    ['a title', 'Rents\n\nof 2021\na,b,c\n1,2,3\n4,5,6\n', { skip_rows: 3 }],
    ['a title as wide as the table', 'Rents,,\n,,\na,b,c\n1,2,3\n', { skip_rows: 2 }],
    ['a title and the sign of its fields', 'sep=;\nRents\na;b\n1;2\n3;4\n', { skip_rows: 2, delimiter: ';' }],
    ['comments', '# by a tool\na;b\n1;2\n# half\n3;4\n5;6\n7;8\n', { comment: '#', delimiter: ';' }],
    [
      'a comment above a name with its sign',
      '# by a tool\n#a;b\n1;2\n3;4\n',
      { skip_rows: 1, delimiter: ';' },
    ],
    [
      'errors of a spreadsheet',
      'a,b\n1,2\n#DIV/0!,3\n4,#REF!\n'.repeat(2).replace(/\na,b/, ''),
      { missing_values: expect.arrayContaining(['#DIV/0!', '#REF!']) },
    ],
    ['a row that lacks a field', `a;b;c\n${'1;2;3\n'.repeat(9)}1;2\n`, { delimiter: ';' }],
    ['carets between fields', 'a^b\n1^2\n', { delimiter: '^' }],
    ['names of groups above its names', 'flat,,time\na,b,c\n1,x,2\n2,y,3\n', { skip_rows: 1 }],
    ['units below its names', 'a,b,c\nm2,,EUR\n1,x,2\n2,y,3\n3,x,4\n', { comment: 'm2,' }],
    [
      'questions and their keys below its names',
      `a,b,c\nHow old?,Where?,Why?\n"{""k"": 1}",{k:2},{k:3}\n${'31,north,2\n28,south,3\n'.repeat(3)}`,
      { comment: ['How old?,', '"{""k"": 1}",'] },
    ],
    [
      'a remark below its rows',
      'a;b\n1;2\n3;4\n5;6\nSource: office\n',
      { delimiter: ';', comment: 'Source:' },
    ],
    [
      'a word for a total without any',
      'a;b;c\n1;2;3\n3;4;5\n5;6;7\nSumme;;\n',
      { delimiter: ';', comment: 'Summe;;' },
    ],
    [
      'a count of its rows',
      ' a | b \n---+---\n x | 2\n y | 3\n z | 4\n(3 rows)\n',
      { delimiter: '|', comment: ['---', '('] },
    ],
    ['a last row that was cut off', 'a,b,c\nAnna,2,3\nMary Ann,4,5\nEve,6,7\nMar', {}],
    ['a total', 'a,b,c\nnorth,1,2\nsouth,3,4\nTotal,4,6\n', { comment: 'Total,' }],
    [
      'totals of groups',
      'a;b;c\nn;x;2\nn;y;3\nn Total;;5\ns;x;2\ns;z;2\ns Total;;4\nGrand Total;;9',
      { delimiter: ';', comment: ['n Total;', 's Total;', 'Grand Total;'] },
    ],
    ['a total without a word', `a,b,c\n${'x,y,2\n'.repeat(5)},,10\n`, { comment: ',,' }],
    ['totals that are rows', `a,b,c\n${'men,1,2\nwomen,2,3\ntotal,3,5\n'.repeat(4)}`, {}],
    ['its header twice', 'a,b\n1 km,2\na,b\n3 km,4\n', { formats: { a: '0 km' } }],
    [
      'negative numbers in parentheses',
      'a,b\n"($1,250.00)",x\n$7.00,y\n',
      { formats: { a: '$#,##0;($#,##0)' } },
    ],
    ['credit and debit', 'a,b\n"1,250.00 DR",x\n7.00 CR,y\n', { formats: { a: '#,##0 CR;#,##0 DR' } }],
    [
      'a minus behind numbers',
      'a;b\n1.250,5-;x\n7,0;y\n',
      { delimiter: ';', formats: { a: '#.##0,0;#.##0,0-' } },
    ],
    ['points out of twenty', 'a;b\n14,5/20;x\n9/20;y\n', { delimiter: ';', formats: { a: "0,0'/20'" } }],
    ['points out of a hundred', 'a,b\n64 / 100,x\n100 / 100,y\n', { formats: { a: "0' / 100'" } }],
    ['quotients', 'a,b\n120/80,x\n135/95,y\n', {}],
    ['grades with signs', 'a,b\n2+,x\n2,y\n2-,x\n', {}],
    ['a minus of typesetters', 'a,b\n\u22123.5 °C,x\n2 °C,y\n', { formats: { a: '0 °C;\u22120 °C' } }],
    ['dashes for a minus', 'a,b\n\u20133.5,x\n2,y\n', { formats: { a: '0;\u20130' } }],
    ['bounds among numbers', 'a,b\n<0.5,x\n2.5,y\n', { formats: { a: '<0' } }],
    ['letters for thousands', 'a,b\n€1.5M,x\n€250K,y\n', { formats: { a: '€0 compact-short' } }],
    ['durations', 'a,b\n1:30:05,x\n0:45:00,y\n', { formats: { a: 'H:mm:ss' } }],
    [
      'nines that stand for nothing',
      `a,b\n${'20.5,x\n23,y\n'.repeat(3)}-999.0,x\n-999.0,y\n`,
      { missing_values: expect.arrayContaining(['-999.0']) },
    ],
    [
      'codes of a survey below nines',
      `a,b\n${'3,x\n7,y\n'.repeat(5)}97,x\n98,y\n99,x\n`,
      { missing_values: expect.arrayContaining(['97', '98', '99']) },
    ],
    ['a number that is no code without nines', `a,b\n${'3,x\n7,y\n'.repeat(5)}98,x\n98,y\n`, {}],
    ['nines that another column has once', `a,b\n${'3,20\n7,95\n'.repeat(5)}99,40\n99,50\n5,99\n`, {}],
    [
      'decimals of three digits, of a place with semicolons',
      'a;b\n1,234;x\n45,678;y\n',
      { delimiter: ';', decimal: ',' },
    ],
    ['thousands in a file of semicolons', 'a;b\n1,234;x\n45;y\n', { delimiter: ';', thousands: ',' }],
    ['no header, of words alone', 'spam,win now\nham,see you\nspam,call me\n', { header: false }],
    ['months', 'a;b\n03.2021;1\n04.2021;2\n', { delimiter: ';', formats: { a: 'MM.yyyy' } }],
    ['a delimiter behind each row', 'a;b\n1 km;2;\n3 km;4;\n', { delimiter: ';', formats: { a: '0 km' } }],
    ['a name twice', `a,a\n1 km,5 %\n2 km,6 %\n`, { formats: { a: '0 km', 'a.1': '0 %' } }],
  ])('has %s', async (_, content, form) => {
    expect(await formOf(content)).toEqual(form)
  })

  it.each([
    ['semicolons', 'a;b\n358.177 €;x\n208.021 €;y\n', '#.##0,0 €'],
    ['a unit beside fractions', 'a\tb\n1.250 kg\t98,29 m²\n3.125 kg\t46,7 m²\n', '#.##0,0 kg'],
    ['fractions alone', 'a\tb\n1.250 kg\t98,29\n3.125 kg\t46,7\n', '#.##0,0 kg'],
    ['amounts of money', 'a,b\n245.000 €,2.5\n1.250.000 €,3.5\n980.500 €,4\n', '#.##0,0 €'],
    ['low amounts of money', 'a,b\n950 EUR,2.5\n1.250 EUR,3.5\n', '#.##0,0 EUR'],
    ['losses', 'a;b\n(1.250 €);x\n3.125 €;y\n', '#.##0,0 €;(#.##0,0 €)'],
    ['prices of fractions', 'a,b\n$245.125,2.5\n$98.387,3.5\n', '$0'],
    ['fractions after a point', 'a\tb\n1.250 kg\t98.29\n3.125 kg\t46.7\n', '0 kg'],
    ['fractions after a comma', 'a;b\n1,459 €;98,29\n1,529 €;46,7\n', '0,0 €'],
    ['no other signs', 'a,b\n1.250 kg,x\n3.125 kg,y\n', '0 kg'],
  ])('%s tell groups of three digits from fractions', async (_, content, a) => {
    expect((await formOf(content)).formats).toMatchObject({ a })
  })

  it.each([
    ['a date of another column', 'a,b\n01/02/2023,31/12/2023\n', 'dd/MM/yyyy'],
    ['a date of another column, with points', 'a,b\n01/02/2023,31.12.2023\n', 'dd/MM/yyyy'],
    ['a date of another column, months first', 'a;b\n01/02/2023;12/31/2023 10:00\n', 'MM/dd/yyyy'],
    ['semicolons', 'a;b\n01/02/2023;5\n', 'dd/MM/yyyy'],
    ['commas in fractions', 'a\tb\n01/02/2023\t2,5 kg\n', 'dd/MM/yyyy'],
    ['commas between groups', 'a;b\n01/02/2023;1,200.50\n', 'MM/dd/yyyy'],
    ['nothing else', 'a,b\n01/02/2023,5\n', 'MM/dd/yyyy'],
  ])('%s: tells days from months', async (_, content, a) => {
    expect((await formOf(content)).formats).toMatchObject({ a })
  })

  it.each(['-1.5,-2', '<0.5,1', '"-$3",>4', '−3,(2)'])('keeps a first row such as %s', async (row) => {
    const { comment } = await formOf(`a,b\n${row}\n${'1,2\n'.repeat(9)}`)
    expect(comment).toBeUndefined()
  })
})

it('the euro sign of windows-1252 is found beside numbers, and shown in messages', async () => {
  const content = Buffer.from('a;b\n1;2,5 \x80\n2;3,5 \x80\n', 'latin1')
  expect(await detectForm('-', readingOf(content))).toMatchObject({ formats: { b: '0,0 €' } })
  await expect(csvValues(content, { form: { delimiter: ';' } })).rejects.toThrow('it reads "5 €"')
})

describe('a pattern of numbers', () => {
  it.each([
    ['0', { '5': 5, x: undefined }],
    ['0,0', { '2,5': 2.5, '-0,125': -0.125, '1,5x': undefined }],
    ['$#,##0', { '$1,234': 1234, '-$5.5': -5.5, '$ 12': 12, '7': 7 }],
    ['#.##0,0 €', { '1.234,5 €': 1234.5, '2€': 2, '1.234': 1234 }],
    ['# ##0 km', { '12 000 km': 12000, '5 km': 5, '5 mi': undefined }],
    ['0 [a.b]', { '5 [a.b]': 5, '5 [axb]': undefined }],
    ['#,##0;(#,##0)', { '(1,250)': -1250, '-3': -3, '4.5': 4.5, '(x)': undefined }],
    ['€0 compact-short', { '€1.5M': 1.5e6, '2k': 2000, '€7': 7, '3x': undefined }],
    ['#,##0', { '12,34,567': 1234567, '1,00,000.5': 100000.5, '12,34': undefined, '1,234,56': undefined }],
    ['<0', { '<0.5': 0.5, '>100': 100, '≥ 3': 3, '4': 4, '<>5': undefined }],
    ['$0 compact-short;($0 compact-short)', { '($13.3M)': -13.3e6, $2k: 2000, '($5)': -5, '(x)': undefined }],
    ['0 compact-short;0 compact-short-', { '1.5K-': -1500, '2M': 2e6, '-3': -3 }],
    ['$0;$(0)', { '$(2)': -2, $3: 3 }],
    ["0,0'/20'", { '14,5/20': 14.5, '9 / 20': undefined, '7/21': undefined, '3': 3 }],
    ["0' / 100'", { '64 / 100': 64, '100 / 100': 100 }],
    ['0 °C;\u22120 °C', { '\u22123.5 °C': -3.5, '2 °C': 2 }],
    ['0,0 €;0,0- €', { '2,5- €': -2.5, '2,5 €': 2.5 }],
  ])('reads %s', (pattern, values) => {
    const read = numberPattern(pattern)
    expect(Object.fromEntries(Object.keys(values).map((text) => [text, read(text)]))).toEqual(values)
  })

  it('reads a column of a file beside others', async () => {
    const text = { formats: { a: '0,0', p: '$#,##0' } }
    const csv = 'a,p,b\n"1,5","$1,200",2.5\n2.5,$7,3\n,NA,4\n'
    expect(await csvValues(csv, { text })).toEqual({
      a: [1.5, 2.5, NaN],
      p: [1200, 7, NaN],
      b: [2.5, 3, 4],
    })
    expect(
      await csvValues('a;b\n1.234;5\n', { text: { formats: { a: '#.##0,0' } }, form: { delimiter: ';' } }),
    ).toEqual({
      a: [1234],
      b: [5],
    })
  })
})

it.each(['model', 'constructor'])(
  'words beside names with digits are values: in a column called %s',
  async (name) => {
    const models = Array.from({ length: 20 }, (_, i) => `A${i}-x,${i}\n`)
    expect(await detectForm('-', readingOf(`${name},y\n${models.join('')}other,3\n`))).toEqual({})
  },
)
