import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

/** A csv file of generated rows. */
function csvOf(header: string, rows: number, row: (i: number) => readonly unknown[]): string {
  return `${header}\n${Array.from({ length: rows }, (_, i) => row(i).join()).join('\n')}\n`
}

function gradesTo(best: number): string {
  return csvOf('x,grade', 20 * best, (i) => [(i * 7) % 13, 1 + (i % best)])
}

/** Two or three of five words. */
function listOf(i: number, separator: string): string {
  const words = ['red', 'blue', 'green', 'black', 'white']
  const chosen = [words[i % 5], words[(i + 1 + (i >> 3)) % 5], ...(i % 2 ? [words[(i * 3) % 5]] : [])]
  return chosen.join(separator)
}

/** Day `i` of a year. */
function dayOf(i: number): string {
  return new Date(Date.UTC(2024, 2, 1 + i)).toISOString().slice(0, 10)
}

/** Workday `i` from a Monday on. */
function workdayOf(i: number): string {
  return dayOf(3 + i + 2 * Math.floor(i / 5))
}

describe('init', () => {
  it('writes a config that is valid as it stands', async () => {
    const cwd = await folderOf()
    expect(await nnlab(['init'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(await nnlab(['validate'], { cwd })).toMatchObject({ code: 0, stdout: 'nnlab.yaml is valid\n' })
  })

  it('leaves a file that exists alone, unless forced', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': 'mine' })
    expect(await nnlab(['init'], { cwd })).toMatchObject({ code: 2 })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toBe('mine')
    expect(await nnlab(['init', '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain('name: xor')
  })

  it.each(['rows.csv', 'rows.jsonl.gz', 'rows.parquet', 'rows.xlsx', 'photo.png', 'photos'])(
    'takes no %s for the name of a config, even if forced',
    async (name) => {
      const cwd = await folderOf({ 'rows.csv': 'a,b\n1,2\n', 'photos/a.png': '' })
      const ran = await nnlab(['init', name, '--force'], { cwd })
      expect(ran.code).toBe(2)
      expect(ran.stderr).toContain('name a file of rows or a folder with --data')
      expect(await readFile(join(cwd, 'rows.csv'), 'utf8')).toBe('a,b\n1,2\n')
    },
  )

  it.each([
    [
      'text classes',
      'a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,1,y\n',
      ['target: kind', 'binary_crossentropy', '[accuracy, auc]'],
    ],
    ['a number', 'a,b,price\n1,2,0.5\n3,4,1.25\n', ['target: {column: price, scale: standard}', 'r2_score']],
    ['odd names', '"size, m",b,"price: $"\n1,2,0.5\n3,4,1.5\n', ['target: {column: "price: $"']],
    ['row numbers', ',x,y\n0,0.5,1.5\n1,0.25,2.5\n2,0.5,0.5\n', ['- column_1  # row numbers']],
    ['numbers that count the rows', 'n,x,y\n1,0.5,1.5\n2,0.25,2.5\n3,0.5,0.5\n', ['- n  # row numbers']],
    [
      'an id',
      'customer_no,x,y\n7,0.5,1.5\n3,0.25,2.5\n9,0.5,0.5\n',
      ['- customer_no  # an id: 3 different values in 3 rows'],
    ],
    [
      'dates of one year',
      'day,x,y\n2024-01-31 10:00,1,1.5\n2024-02-02 12:00,2,2.5\n2024-03-05 18:00,0,0.5\n',
      ['day: {type: date, parts: [month, day, weekday, hour]}  # dates: month, day, weekday, hour'],
    ],
    [
      'dates of one minute',
      'at,x,y\n2024-01-31 10:00:01,1,1.5\n2024-01-31 10:00:07,2,2.5\n',
      ['- at  # dates that differ in seconds alone'],
    ],
    [
      'words among numbers',
      'x,y\n1,0.5\n\\N,1.5\n3,2.5\n-,0.5\n',
      ['missing_values: [NA, N/A, "#N/A", <NA>, NaN, nan, NAN, "null", "NULL", "?", \\N, "-"]'],
    ],
    [
      'whole numbers in groups, of a place with semicolons',
      'x;y\n120;0\n1.250;1\n3.780;2\n',
      ['decimal: ","', 'thousands: .'],
    ],
    ['grades to 20', gradesTo(20), ['target: {column: grade, scale: standard}']],
    ['grades to 5', gradesTo(5), ['target: {column: grade, classes: [1, 2, 3, 4, 5]}']],
    [
      'a long text beside numbers',
      csvOf('text,size,mood', 30, (i) => [
        `a ${i % 2 ? 'good' : 'bad'} day of a month in the year ${i}`,
        i % 7,
        i % 2,
      ]),
      ['inputs: {text: text, others: [size]}', '{type: concatenate, from: [words, numbers]}'],
    ],
    [
      'a name beside numbers',
      csvOf('name,size,mood', 30, (i) => [`Dr. Eva Maier ${i}`, i % 7, i % 2]),
      ['- name  # free text'],
    ],
    [
      'groups of digits, which are no text',
      csvOf('call,size,y', 30, (i) => [`+49 15${i % 9} ${1234567 + i}`, i % 7, i / 7]),
      ['- call  # 30 different strings in 30 rows'],
    ],
    [
      'a class that is rare',
      csvOf('x,kind', 300, (i) => [i % 11, i % 10 === 0 ? 'a' : i % 2 === 0 ? 'b' : 'c']),
      ['\n  class_weight: balanced  # "a" has 30 rows', 'metrics: [accuracy, f1_score]'],
    ],
    [
      'a class of hardly any rows',
      csvOf('x,kind', 300, (i) => [i % 11, i === 7 ? 'a' : i % 2 === 0 ? 'b' : 'c']),
      ['\n  # class_weight: balanced  # "a" has 1 row, too few to weigh as much as the others'],
    ],
    [
      'rows without a number to predict, and without features',
      'x,price\n1,0.5\n,1.5\n3,\n4,2.5\n',
      ['where: {price: {min: 0.5}}  # leaves out 1 row without a target', 'missing: {fill: median'],
    ],
    [
      'rows without a label, and without features',
      'x,kind\n1,a\n,b\n3,\n4,b\n5,a\n',
      ['where: {kind: [a, b]}  # leaves out 1 row without a target', 'missing: {fill: median'],
    ],
    [
      'a measure whose name ends like an id',
      csvOf('acid,Froude number,y', 30, (i) => [i * 37, i / 7, i % 7]),
      ['from 2 columns'],
    ],
    [
      'a column with a mark or nothing',
      csvOf('x,mark,y', 30, (i) => [i % 7, i % 3 ? '' : 'x', i % 5]),
      ['from 2 columns', 'missing: {fill: median, indicator: true}'],
    ],
    [
      'lines that are not rows',
      `${csvOf('x,kind,y', 30, (i) => [i % 7, i % 3 ? 'a' : 'b', i * 1.5])}Total,,652.5\n\n--- end of report\n`,
      ['comment: ["Total,", --- end of report]', 'of 30 rows'],
    ],
    [
      'lists of words in several notations',
      csvOf('bars,spaced,quoted,rest,y', 60, (i) => [
        listOf(i, '|'),
        `"${listOf(i, ', ')}"`,
        `"['${listOf(i, "','")}']"`,
        i % 7,
        i / 7,
      ]),
      [
        '- bars  # lists of 5 words between "|": to use them, give each word a column of 0 and 1',
        '- spaced  # lists of 5 words between ",": to use them, see nnlab explain tokens',
        '- quoted  # lists of 5 words between ",": to use them, give each word a column of 0 and 1',
      ],
    ],
    [
      'strings that are divided alike, but of many words',
      csvOf('path,x,y', 60, (i) => [`dir${i % 30}/file${i % 55}`, i % 7, i / 7]),
      ['- path  # 60 different strings in 60 rows'],
    ],
    [
      'a target of lists',
      csvOf('x,tags', 120, (i) => [i % 7, listOf(i % 24, ';')]),
      ['target: tags  # lists of 5 words: each different list is a class'],
    ],
    [
      'a series of workdays without some holidays',
      csvOf('day,close', 120, (i) => [workdayOf(i + Math.floor(i / 50)), i * 1.5]),
      ['window: {steps: 5, horizon: 1}'],
    ],
    [
      'a series of days but Sundays',
      csvOf('day,sales', 120, (i) => [dayOf(3 + i + Math.floor(i / 6)), i * 1.5]),
      ['window: {steps: 6, horizon: 1}'],
    ],
    [
      'an even series beside another measure',
      csvOf('day,price,sales', 60, (i) => [dayOf(i), (i * 7) % 11, i * 1.5]),
      ['dates: month, day, weekday; to predict later rows from those before: nnlab explain window'],
    ],
    [
      'dates of customers, which are no series',
      csvOf('joined,age,spent', 60, (i) => [dayOf((i * i * 7) % 200), 20 + (i % 40), i * 1.5]),
      ['# dates: month, day, weekday\n'],
    ],
    [
      'even series of several names beside another measure',
      csvOf('day,shop,price,sales', 60, (i) => [dayOf(i >> 1), i % 2 ? 'a' : 'b', (i * 7) % 11, i * 1.5]),
      ['to predict later rows from those before: nnlab explain window'],
    ],
    [
      'labels, some of them numbers',
      csvOf('trust,size,y', 60, (i) => [[2, 3, 4, '1 - never', '5 - always'][i % 5], i % 7, i / 7]),
      ['one_hot: [trust]  # labels, some of them numbers', 'from 2 columns'],
    ],
    [
      'words among many numbers',
      csvOf('x,size,y', 60, (i) => [i % 5 === 4 ? `w${i}` : i * 3, i % 7, i / 7]),
      ['- x  # "w4" among its numbers'],
    ],
    ['months', csvOf('m,x,y', 30, (i) => [`2023Q${1 + (i % 4)}`, i % 7, i % 5]), ['parts: [month]']],
    ['an empty column', 'x,gone,y\n1,,1.5\n2,,2.5\n', ['- gone  # empty']],
    ['a constant', 'x,same,y\n1,7,1.5\n2,7,2.5\n', ['- same  # always "7"']],
    [
      'missing values',
      'a,b,price\n1,,0.5\n3,4,1.25\n5,6,2.5\n',
      ['missing: {fill: median, indicator: true}  # 1 value of "b"'],
    ],
    [
      'a column of splits',
      'x,split,y\n4,train,1.5\n2,validation,2.5\n3,test,0.5\n',
      ['split: {column: split}'],
    ],
    ['a hostile name', '"x\n- evil: 1",b,y\n,2,1.5\n,3,2.5\n', ['"x\\n- evil: 1"  # empty']],
  ])('fits a config to a csv file with %s', async (_what, csv, expected) => {
    const cwd = await folderOf({ 'some data.csv': csv })
    expect(await nnlab(['init', '--data', 'some data.csv'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    for (const part of expected) expect(config).toContain(part)
    expect(await nnlab(['validate'], { cwd })).toMatchObject({ code: 0, stdout: 'nnlab.yaml is valid\n' })
  })

  it.each(['данные.csv', '_rows.csv', '.rows.csv'])(
    'gives runs a name, whatever the file is called: %s',
    async (file) => {
      const cwd = await folderOf({ [file]: 'x,y\n1,1.5\n2,2.5\n' })
      expect(await nnlab(['init', '--data', file], { cwd })).toMatchObject({ code: 0 })
      expect(await nnlab(['validate'], { cwd })).toMatchObject({ code: 0, stdout: 'nnlab.yaml is valid\n' })
    },
  )

  it('predicts the last column that is neither ids nor texts', async () => {
    const cwd = await folderOf({
      'rows.csv': csvOf('x,kind,name,seen', 12, (i) => [
        i / 7,
        i % 2 ? 'a' : 'b',
        `N${i}`,
        `2024-01-${10 + i}`,
      ]),
    })
    await nnlab(['init', '--data', 'rows.csv'], { cwd })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain('target: kind')
  })

  it.each(['zip', 'Postal Code', 'home_postcode', 'PLZ', 'lat', 'Longitude'])(
    'predicts no %s',
    async (name) => {
      const cwd = await folderOf({
        'rows.csv': csvOf(`x,price,${name}`, 12, (i) => [i / 7, i / 3, 80_000 + 7 * i]),
      })
      await nnlab(['init', '--data', 'rows.csv'], { cwd })
      expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain(
        'target: {column: price, scale: standard}',
      )
    },
  )

  it('predicts the last column that differs between rows', async () => {
    const cwd = await folderOf({ 'rows.csv': 'a,b,c,d\n4,2.5,x,\n2,3.5,x,\n3,4.5,x,\n' })
    await nnlab(['init', '--data', 'rows.csv'], { cwd })
    expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain('target: {column: b, scale: standard}')
  })

  it('refuses a table without a feature, with the reasons', async () => {
    const cwd = await folderOf({ 'rows.csv': 'id,name,rate\n7,a,1.5\n9,b,2.5\n4,c,3.5\n' })
    const { code, stderr } = await nnlab(['init', '--data', 'rows.csv'], { cwd })
    expect(code).toBe(4)
    expect(stderr).toContain(
      'no column is a feature for "rate": "id" (an id: 3 different values in 3 rows), "name" (',
    )
  })

  it('writes an example with its data, which trains', async () => {
    const cwd = await folderOf()
    expect(await nnlab(['init', '--example', 'iris'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(await nnlab(['train', '--quiet', '--set', 'fit.epochs=1'], { cwd })).toMatchObject({ code: 0 })
    const unknown = await nnlab(['init', 'other.yaml', '--example', 'irises'], { cwd })
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toContain('the examples are digits')
  })

  it('says which columns there are where the target is none of them', async () => {
    const cwd = await folderOf({ 'd.csv': 'a,b\n1,2\n' })
    const { code, stderr } = await nnlab(['init', '--data', 'd.csv', '--target', 'c'], { cwd })
    expect(code).toBe(4)
    expect(stderr).toContain('there is no column "c"')
  })
})

it('takes a table of many columns in a time that is linear in them', async () => {
  const columns = Array.from({ length: 5000 }, (_, i) => `c${i}`)
  const row = (label: string, at: number): string => [...columns.map((_, i) => (i + at) % 7), label].join(',')
  const lines = [[...columns, 'y'].join(','), ...['a', 'b', 'a', 'b', 'a', 'b'].map(row)]
  const cwd = await folderOf({ 'wide.csv': lines.join('\n') })
  const start = process.cpuUsage()
  expect(await nnlab(['init', 'o.yaml', '--data', 'wide.csv'], { cwd })).toMatchObject({ code: 0 })
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1e6).toBeLessThan(4)
})
