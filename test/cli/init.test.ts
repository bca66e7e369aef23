import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

const Trained = z.object({ test: z.record(z.string(), z.number()) })

/** A table with a signal, and what the trivial prediction reaches on it. */
type Generated = {
  readonly name: string
  readonly file: string
  readonly content: string
  readonly target?: string
  readonly metric: string
  readonly above: number
}

/** Numbers from 0 to 1 that look random: https://en.wikipedia.org/wiki/Low-discrepancy_sequence */
const weyl = (i: number, k: number): number => (i * Math.sqrt(k + 2)) % 1
const csvOf = (header: string, rows: number, row: (i: number) => readonly unknown[]): string =>
  `${header}\n${Array.from({ length: rows }, (_, i) => row(i).join()).join('\n')}\n`

const tables: readonly Generated[] = [
  {
    name: 'passengers',
    file: 'passengers.csv',
    target: 'survived',
    content: csvOf('id,name,sex,age,deck,survived', 300, (i) => {
      const [woman, age] = [weyl(i, 0) < 0.4, weyl(i, 1) * 70]
      const survived = (woman ? 0.7 : 0.2) + (age < 15 ? 0.3 : 0) > weyl(i, 3) ? 1 : 0
      const name = `"Person ${i}, of a long name"`
      return [
        i + 1,
        name,
        woman ? 'female' : 'male',
        i % 5 === 0 ? '' : age.toFixed(1),
        i % 3 === 0 ? 'C' : '',
        survived,
      ]
    }),
    metric: 'auc',
    above: 0.6,
  },
  {
    name: 'prices',
    file: 'prices.csv',
    content: csvOf('listed,district,rooms,area,price', 400, (i) => {
      const [area, district] = [30 + 170 * weyl(i, 0), i % 4]
      const day = `20${10 + (i % 10)}-0${1 + (i % 9)}-1${i % 10}`
      return [
        day,
        `d${district}`,
        1 + (i % 5),
        area.toFixed(1),
        (1000 * area + 20000 * district + 5000 * weyl(i, 2)).toFixed(0),
      ]
    }),
    metric: 'r2_score',
    above: 0.7,
  },
  {
    name: 'rare frauds',
    file: 'frauds.csv',
    target: 'label',
    content: csvOf('amount,hour,label', 600, (i) => {
      const amount = 1000 * weyl(i, 0)
      return [amount.toFixed(2), i % 24, amount > 900 && i % 24 < 12 ? 'fraud' : 'ok']
    }),
    metric: 'auc',
    above: 0.8,
  },
  {
    name: 'ratings',
    file: 'ratings.jsonl',
    target: 'stars',
    content: Array.from({ length: 400 }, (_, i) => {
      const quality = weyl(i, 0)
      return `${JSON.stringify({ quality, cheap: i % 2 === 0, stars: 1 + Math.floor(4.99 * quality) })}\n`
    }).join(''),
    metric: 'accuracy',
    above: 0.4,
  },
  {
    name: 'a European file',
    file: 'eu.csv',
    content: csvOf('Nr;Datum;Ort;Umsatz;Gewinn', 200, (i) => {
      const sales = 100 + 5000 * weyl(i, 0)
      const german = (value: number) =>
        value.toLocaleString('de-DE', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
      const ends = i % 9 === 0 ? '-' : german(sales)
      return [
        `${i};${10 + (i % 19)}.0${1 + (i % 9)}.2024;${i % 2 ? 'Ulm' : 'Bonn'};${ends};${german(3 * sales)}`,
      ]
    }),
    metric: 'r2_score',
    above: 0.5,
  },
  {
    name: 'reviews',
    file: 'reviews.csv',
    content: csvOf('text,mood', 300, (i) => {
      const good = i % 2 === 0
      const word = good ? ['fine', 'lovely', 'great'][i % 3] : ['poor', 'awful', 'sad'][i % 3]
      return [`a ${word} day number ${i} of many`, good ? 'good' : 'bad']
    }),
    metric: 'accuracy',
    above: 0.7,
  },
]

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

  it.each([
    [
      'text classes',
      'a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,1,y\n',
      ['target: kind', 'binary_crossentropy', '[accuracy, auc]'],
    ],
    ['a number', 'a,b,price\n1,2,0.5\n3,4,1.25\n', ['target: {column: price, scale: standard}', 'r2_score']],
    ['odd names', '"size, m",b,"price: $"\n1,2,0.5\n3,4,1.5\n', ['target: {column: "price: $"']],
    ['row numbers', ',x,y\n0,0.5,1.5\n1,0.25,2.5\n2,0.5,0.5\n', ['- column_1  # row numbers']],
    ['an empty column', 'x,gone,y\n1,,1.5\n2,,2.5\n', ['- gone  # empty']],
    ['a constant', 'x,same,y\n1,7,1.5\n2,7,2.5\n', ['- same  # always "7"']],
    [
      'missing values',
      'a,b,price\n1,,0.5\n3,4,1.25\n5,6,2.5\n',
      ['missing: {fill: median, indicator: true}  # 1 value of "b"'],
    ],
    [
      'a column of splits',
      'x,split,y\n1,train,1.5\n2,validation,2.5\n3,test,0.5\n',
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

  it.each(tables)('writes a config of $name that trains and beats the trivial prediction', async (table) => {
    const cwd = await folderOf({ [table.file]: table.content })
    const target = table.target === undefined ? [] : ['--target', table.target]
    const init = await nnlab(['init', '--data', table.file, ...target], { cwd })
    expect(init).toMatchObject({ code: 0, stderr: '' })
    const argv = ['train', '--quiet', '--json', '--set', 'fit.epochs=60']
    const { code, stdout, stderr } = await nnlab(argv, { cwd })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const { test } = Trained.parse(JSON.parse(stdout))
    expect(test[table.metric]).toBeGreaterThan(table.above)
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
