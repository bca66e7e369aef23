import { Readable } from 'node:stream'

import { describe, expect, it } from 'vitest'

import { DataError } from '../../../src/errors.ts'
import { refuseForeign } from '../../../src/table/formats/foreign.ts'
import { readCsv } from '../../../src/table/formats/csv.ts'
import { readJsonl } from '../../../src/table/formats/jsonl.ts'
import { folderOf } from '../../data/support.ts'

const bytes = (latin1: string): Buffer => Buffer.from(latin1.padEnd(600, '\0'), 'latin1')

describe('a file of another program', () => {
  it.each([
    ['PK\x03\x04....xl/workbook.xml', 'an Excel workbook'],
    ['PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet', 'an OpenDocument spreadsheet'],
    ['PK\x03\x04rows.csv', 'a zip archive'],
    ['\xd0\xcf\x11\xe0\xa1\xb1', 'an old Excel workbook'],
    ['$FL2@(#) SPSS DATA FILE', 'an SPSS file'],
    ['<stata_dta><header>', 'a Stata file'],
    [`${'\0'.repeat(12)}\xc2\xea\x81\x60`, 'a SAS file'],
    ['RDX3\nX\n', 'an R file'],
    ['ARROW1\0\0', 'an Arrow or Feather file'],
    ['PAR1\x15\x04', 'a Parquet file'],
    ['SQLite format 3\0', 'an SQLite database'],
    ['\x89HDF\r\n', 'an HDF5 file'],
    ['\x80\x04\x95', 'a pickle of Python'],
    ['MATLAB 5.0 MAT-file', 'a MATLAB file'],
    ['\x1f\x8b\x08', 'compressed by gzip'],
    ['BZh91AY&SY', 'compressed by bzip2'],
    ['\xfd7zXZ\0', 'compressed by xz'],
    [`${'rows.csv'.padEnd(257, '\0')}ustar`, 'a tar archive'],
    ['%PDF-1.7', 'a PDF'],
    ['<!DOCTYPE html>', 'a web page'],
    ['<?xml version="1.0"?>', 'XML'],
    ['% a comment\n@RELATION iris', 'an ARFF file'],
  ])('is named: %j', (start, what) => {
    expect(() => refuseForeign('rows', bytes(start))).toThrow(`rows: is ${what}`)
  })

  it.each([
    'X\n1\n2\n',
    'PAR1,y\n1,2\n',
    'ORC\n1\n',
    'a,b\n1,2\n',
    '"a";"b"\n',
    'BZh1,y\n',
    '%,y\n1,2\n',
    '',
  ])('is not seen in csv such as %j', (text) => {
    expect(() => refuseForeign('rows', Buffer.from(text))).not.toThrow()
  })

  it('is refused where csv is read, as JSON is', async () => {
    const directory = await folderOf({ 'rows.csv': bytes('RDX3\nX\n'), 'rows.txt': ' [{"a": 1}]' })
    await expect(readCsv({ path: 'rows.csv', header: true }, { directory })).rejects.toThrow(
      'rows.csv: is an R file',
    )
    await expect(readCsv({ path: 'rows.txt', header: true }, { directory })).rejects.toThrow(
      'rows.txt: is JSON, not csv',
    )
  })

  it.each([
    [
      'of standard input, which has no name that tells its format',
      undefined,
      /^name its format with --from, as in --from jsonl$/,
    ],
    ['of a program, which chooses none', 'rows', undefined],
  ])('JSON %s', async (_, shownAs, hint) => {
    const stdin = Object.assign(
      Readable.from([Buffer.from('{"a": 1}')]),
      shownAs === undefined ? {} : { shownAs },
    )
    const error = await readCsv({ path: '-', header: true }, { directory: '.', stdin }).catch(
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(DataError)
    if (!(error instanceof DataError)) return
    expect(error.message).toBe(`${shownAs ?? '<stdin>'}: is JSON, not csv`)
    const advice = error.hintWith((option) => `--${option}`)
    expect(advice).toEqual(hint && expect.stringMatching(hint))
  })
})

describe('a table that is one JSON value', () => {
  const rows = [
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
    { a: 3, b: 'z' },
  ]
  const columns = { a: [1, 2, 3], b: ['x', 'y', 'z'] }
  it.each<[string, unknown]>([
    ['records', rows],
    ['columns', { a: { 0: 1, 1: 2, 2: 3 }, b: { 0: 'x', 1: 'y', 2: 'z' } }],
    ['lists', columns],
    ['split', { columns: ['a', 'b'], index: [0, 1, 2], data: rows.map(({ a, b }) => [a, b]) }],
    ['index', { r1: rows[0], r2: rows[1], r3: rows[2] }],
    ['wrapped', { status: 'ok', results: rows }],
    [
      'GeoJSON',
      { type: 'FeatureCollection', features: rows.map((properties) => ({ type: 'Feature', properties })) },
    ],
  ])('is read on one line and on many: %s', async (_, value) => {
    const directory = await folderOf({
      'one.json': JSON.stringify(value),
      'many.json': JSON.stringify(value, null, 2),
    })
    for (const path of ['one.json', 'many.json']) {
      const table = await readJsonl(path, { directory })
      expect(table.rows).toBe(3)
      expect(table.columns.map(({ name, values }) => [name, [...values]])).toEqual(Object.entries(columns))
    }
  })

  it('gives points of GeoJSON their places', async () => {
    const feature = { properties: { y: 1 }, geometry: { type: 'Point', coordinates: [10.5, 59.9] } }
    const text = JSON.stringify({ type: 'FeatureCollection', features: [feature, feature] })
    const { columns } = await readJsonl('a.json', { directory: await folderOf({ 'a.json': text }) })
    expect(columns.map(({ name, values }) => [name, values[0]])).toEqual([
      ['longitude', 10.5],
      ['latitude', 59.9],
      ['y', 1],
    ])
  })

  it('is no object a line, of which one may be alone', async () => {
    const directory = await folderOf({
      'a.jsonl': '\n{"x": 1, "y": [1, 2]}\n',
      'b.jsonl': '{"x": 1}\n{"x": 2}',
    })
    expect((await readJsonl('a.jsonl', { directory })).rows).toBe(1)
    expect((await readJsonl('b.jsonl', { directory })).rows).toBe(2)
  })

  it('names the first line where the lines are no value', async () => {
    const directory = await folderOf({ 'a.jsonl': '{"x": 1\n{"x": 2}\n' })
    await expect(readJsonl('a.jsonl', { directory })).rejects.toThrow(
      'a.jsonl:1: this line is not valid JSON',
    )
  })
})
