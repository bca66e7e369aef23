import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../../../src/table/formats/csv.ts'
import { DataError } from '../../../src/errors.ts'
import { folderOf } from '../../data/support.ts'
import type { CsvOptions } from '../../../src/table/formats/csv.ts'
import type { ColumnType } from '../../../src/table/columns/column-builder.ts'
import type { Table } from '../../../src/table/table.ts'

type More = Partial<CsvOptions> & { types?: Map<string, ColumnType> }

/** Reads a text as `rows.csv` from standard input, which needs no file. */
function read(content: string | Uint8Array, { types, ...options }: More = {}): Promise<Table> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  async function* stdin() {
    yield bytes.subarray(0, 10)
    yield bytes.subarray(10)
  }
  return readCsv({ path: '-', header: true, ...options }, { directory: '.', stdin: stdin(), types })
}

function contents(table: Table): Record<string, unknown[]> {
  return Object.fromEntries(table.columns.map(({ name, values }) => [name, Array.from<unknown>(values)]))
}

describe('a csv file', () => {
  it('gives columns of numbers and of texts', async () => {
    const table = await read('x,name\n1.5,ann\n-2e3,bob\n')
    expect(contents(table)).toEqual({ x: [1.5, -2000], name: ['ann', 'bob'] })
    expect(table.columns.map(({ kind }) => kind)).toEqual(['number', 'string'])
  })

  it('may have a byte order mark, windows line ends, blanks around fields and empty lines', async () => {
    expect(contents(await read('\ufeffa, b\r\n1, x\r\n\r\n2 , y\r\n'))).toEqual({ a: [1, 2], b: ['x', 'y'] })
  })

  it('may have a name twice, which the second column gets with a number, and a note says so', async () => {
    const table = await read('a,b,a,a.1,a\n1,2,3,4,5\n')
    expect(contents(table)).toEqual({ a: [1], b: [2], 'a.1': [3], 'a.1.1': [4], 'a.2': [5] })
    expect(table.notes).toContain('<stdin>: column 3 is called "a.1", since another one is called "a"')
  })

  it('may have a name in single quotes, and a delimiter behind the last field of its rows', async () => {
    expect(contents(await read("'a b','c'\n1,2,\n3,4,\n"))).toEqual({ 'a b': [1, 3], c: [2, 4] })
  })

  it.each(['\n', '\r\n', '\r'])('may have a title and comments, with the line end %j', async (end) => {
    const lines = ['Rents, "2021', '', '#', 'a,b', '1,y', '# half "', '3,x']
    const table = await read(lines.join(end) + end, { skip_rows: 2, comment: '#' })
    expect(contents(table)).toEqual({ a: [1, 3], b: ['y', 'x'] })
    expect(table.place(1)).toBe('<stdin>:7')
    await expect(read('title\na,b\n', {})).rejects.toMatchObject({
      hint: expect.stringContaining('skip_rows'),
    })
  })

  it('has no title where its first line names the columns', async () => {
    const form = { skip_rows: 1, columns: [['id', 'a b', 'y']] }
    for (const [above, header] of [
      ['', 'id,a b,y'],
      ['', 'y,"a b",other'],
      ['Rents of id,,\n', 'id,a b,y'],
      ['y,,\n', 'id,a b,y'],
      ['a "title\n', 'id,a b,y'],
    ] as const) {
      const table = await read(`${above}${header}\n1,2,3\n4,5,6\n`, form)
      expect(Object.keys(contents(table)), above + header).toHaveLength(3)
      expect(table.rows).toBe(2)
      const note = expect.stringContaining('the first line names the columns')
      expect(table.notes ?? []).toEqual(above === '' ? [note] : [])
    }
    const given = await read('id,a b,y\n1,2,3\n', { ...form, header: false })
    expect(contents(given)).toEqual({ id: [1], 'a b': [2], y: [3] })
  })

  it('may have fields that blanks divide, aligned or not, in quotes or not', async () => {
    const text = '   x  "a name"\ty\r\n\n 1.5 "b ""c"   2  \r\n  -3 d 4\n5 "" 6'
    expect(contents(await read(text, { delimiter: 'whitespace' }))).toEqual({
      x: [1.5, -3, 5],
      'a name': ['b "c', 'd', ''],
      y: [2, 4, 6],
    })
  })

  it('may have names of rows before the first column, as R writes them', async () => {
    const wanted = { column_1: ['k', 'l'], a: [1, 3], b: [2, 4] }
    const table = await read('"a","b"\n"k",1,2\n"l",3,4\n')
    expect(contents(table)).toEqual(wanted)
    expect(table.index).toEqual(['column_1'])
    expect(contents(await read('a b\nk 1 2\nl 3 4\n', { delimiter: 'whitespace' }))).toEqual(wanted)
    expect(contents(await read('a\tb\nk\t1\t2\nl\t3\t4\n', { delimiter: '\t' }))).toEqual(wanted)
  })

  it('may quote fields that hold delimiters, quotes and line breaks', async () => {
    expect(contents(await read('a,b\n"x, ""y""","1"\n"p\nq",2'))).toEqual({
      a: ['x, "y"', 'p\nq'],
      b: [1, 2],
    })
  })

  it('may be in UTF-16 with a byte order mark', async () => {
    expect(contents(await read(Buffer.from('\ufeffa,b\n1,é\n', 'utf16le')))).toEqual({ a: [1], b: ['é'] })
  })

  it('may have another delimiter', async () => {
    expect(contents(await read('a;b\n1;2\n', { delimiter: ';' }))).toEqual({ a: [1], b: [2] })
    const directory = await folderOf({ 'rows.tsv': 'a\tb\n1\t2\n' })
    expect(contents(await readCsv({ path: 'rows.tsv', header: true }, { directory }))).toEqual({
      a: [1],
      b: [2],
    })
  })

  it('knows the usual words for missing values', async () => {
    const table = await read('x,name\n,ann\nNA,?\nNaN,null\n4,\n')
    expect(contents(table)).toEqual({ x: [NaN, NaN, NaN, 4], name: ['ann', '', '', ''] })
  })

  it('names the columns of a file without a header', async () => {
    expect(contents(await read('1,2\n3,4\n', { header: false }))).toEqual({
      column_1: [1, 3],
      column_2: [2, 4],
    })
    expect(contents(await read('1,2\n', { header: false, columns: [['a', 'b']] }))).toEqual({
      a: [1],
      b: [2],
    })
    await expect(read('1,2\n', { header: false, columns: [['a']] })).rejects.toThrow(
      '<stdin>:1: 2 fields where 1 were expected',
    )
  })

  it('finds out whether there is a header, when asked to', async () => {
    expect(contents(await read('1,2\n3,4\n', { header: 'detect' }))).toEqual({
      column_1: [1, 3],
      column_2: [2, 4],
    })
    expect(contents(await read('a,b\n3,4\n', { header: 'detect' }))).toEqual({ a: [3], b: [4] })
  })

  it('remembers the first field that is no number in a column of numbers', async () => {
    const table = await read('x\n1\n2\nthree\n4\ninf\n')
    expect(table.columns[0]).toMatchObject({ kind: 'number', invalid: { row: 2, text: 'three' } })
    expect((await read('x\n1\n2\n-inf\n')).columns[0]).toMatchObject({ invalid: { row: 2, text: '-inf' } })
    expect((await read('x\n1\n2\n1e999\n')).columns[0]).toMatchObject({ invalid: { row: 2, text: '1e999' } })
  })

  it('takes a column for texts when most of its values are', async () => {
    expect(contents(await read('x\na\n2\nb\n0x10\n'))).toEqual({ x: ['a', '2', 'b', '0x10'] })
    expect(contents(await read('x\n1\n2\n', { types: new Map([['x', 'string']]) }))).toEqual({
      x: ['1', '2'],
    })
  })

  it('of many columns and few rows takes little memory for each column', async () => {
    setFlagsFromString('--expose-gc')
    const held = (): number => {
      runInNewContext('gc()')
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    const [columns, rows] = [50_000, 6]
    const line = (cell: (column: number) => string): string =>
      Array.from({ length: columns }, (_, column) => cell(column)).join(',')
    const content = [line((column) => `c${column}`), ...Array<string>(rows).fill(line(() => '0.5'))].join(
      '\n',
    )
    const before = held()
    const table = await read(content)
    expect((held() - before) / columns).toBeLessThan(500)
    expect(table.columns).toHaveLength(columns)
  })

  it('knows the line of every row', async () => {
    const table = await read('a,b\r\n"x\r\ny\n\nz",2\r\n\r\n\n3,4\n5,6')
    expect([0, 1, 2].map((row) => table.place(row))).toEqual(['<stdin>:2', '<stdin>:8', '<stdin>:9'])
  })
})

describe('a bad csv file', () => {
  it.each([
    ['empty', '', '<stdin>: the file is empty'],
    ['only a byte order mark', '\ufeff', '<stdin>: the file is empty'],
    ['only a header', 'a,b\n', '<stdin>: there is a header line but no rows'],
    ['too few fields', 'a,b\n1,2\n\n3\n', '<stdin>:4: 1 field, but the first line has 2'],
    ['too many fields', 'a,b\n1,2,3\n', '<stdin>:2: 3 fields, but the first line has 2'],
    ['an open quote', 'a,b\n1,2\n3,"4\n5,6\n', '<stdin>:3: a double quote opens here'],
    ['text after a quote', 'a,b\n1,"2"x\n', '<stdin>:2: a closing double quote is followed by text'],
    ['a quote inside', 'a,b\n1,2"\n', '<stdin>:2: there is a double quote inside a field'],
    ['binary', 'a,b\n1,\0\n', '<stdin>: this is a binary file'],
    ['cut off', gzipSync('a,b\n1,2\n').subarray(0, -9), '<stdin>: the gzipped file is truncated'],
  ])('is named with its place: %s', async (_, content, message) => {
    const failure: unknown = await read(content).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toHaveProperty('message', expect.stringContaining(message))
  })

  it('is explained when it cannot be opened', async () => {
    const directory = await folderOf({ 'iris.csv': 'a\n1\n' })
    const open = (path: string) => readCsv({ path, header: true }, { directory })
    await expect(open('iriss.csv')).rejects.toMatchObject({
      message: expect.stringMatching(/^iriss\.csv: there is no such file/),
      hint: 'did you mean "iris.csv"?',
      name: 'DataError',
    })
    await expect(open('no/iris.csv')).rejects.toMatchObject({
      hint: expect.stringContaining('folder does not exist'),
    })
    await expect(open('.')).rejects.toThrow('.: expected a file, got a folder')
    await expect(open('iris.csv/x.csv')).rejects.toThrow(DataError)
    await expect(open('-')).rejects.toThrow('<stdin>: standard input cannot be read here')
  })
})

describe('any csv file', () => {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

  it('is read back as it was written', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((s) => `t${s.replaceAll('\0', '')}`)
    // Without -0, which prints as 0.
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)
    const row = fc.tuple(number, text)
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.constantFrom('\n', '\r\n'), async (rows, end) => {
        const lines = rows.map(([x, name]) => `${x},${quoted(name)}`)
        const table = await read(['x,"na""me"', ...lines].join(end))
        expect(contents(table)).toEqual({ x: rows.map(([x]) => x), 'na"me': rows.map(([, name]) => name) })
      }),
      { numRuns: 100 },
    )
  })

  it('is read or refused, never a crash', async () => {
    const good = 'x,y,name\r\n1,2,"a ""b"""\r\n3,4,"c\nd"\r\n\r\n5,,e\r\n'
    const position = fc.nat(good.length)
    await fc.assert(
      fc.asyncProperty(position, position, fc.string(), fc.boolean(), async (from, to, inserted, isCut) => {
        const bad = isCut
          ? good.slice(0, from)
          : good.slice(0, from) + inserted + good.slice(Math.max(from, to))
        await read(bad).catch((error: unknown) => expect(error).toBeInstanceOf(DataError))
      }),
      { numRuns: 200 },
    )
  })
})
