import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { environmentOf } from '../../../src/core/environment.ts'
import { openModel, ownData } from '../../../src/experiment/model.ts'
import { folderOf, nnlab } from '../../cli/support.ts'
import { readGolden } from '../../golden/golden.ts'
import { classicTables } from './classic-tables.ts'
import { fileOf, twins } from './dirty-twins.ts'
import type { TableFile } from './dirty-twins.ts'
import { draws } from './draws.ts'

/**
 * A sample of the tables, unless NNLAB_TABLES is set: `all` takes all of them and their twins, a folder does, too, and
 * receives their rows for test/golden/starter.py.
 */
const which = process.env['NNLAB_TABLES']
const folder = which === 'all' ? undefined : which

const Golden = z.object({
  scores: z.array(
    z.object({
      name: z.string(),
      trivial: z.number(),
      linear: z.number(),
      /** The rows that the scores are of, as a checksum of their numbers. */
      test: z.number(),
    }),
  ),
  /** In base64. */
  files: z.record(z.string(), z.string()),
})
const golden = readGolden('starter', Golden)

const Trained = z.object({ test: z.record(z.string(), z.number()) })

/** Runs `init` and `train` as people do: metric values of the test rows. */
async function firstTry(
  cwd: string,
  file: TableFile,
  { target, epochs }: { target?: string; epochs?: number } = {},
): Promise<Readonly<Record<string, number>>> {
  await mkdir(dirname(join(cwd, file.path)), { recursive: true })
  await writeFile(join(cwd, file.path), file.content)
  const [path = ''] = file.path.split('/')
  const named = target === undefined ? [] : ['--target', target]
  expect(await nnlab(['init', '--data', path, ...named], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const set = epochs === undefined ? [] : ['--set', `fit.epochs=${epochs}`]
  const trained = await nnlab(['train', '--quiet', '--json', '--run-dir', 'run', ...set], { cwd })
  expect(trained, await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toMatchObject({ code: 0 })
  return Trained.parse(JSON.parse(trained.stdout)).test
}

const tables = classicTables.flatMap((make, i) => {
  const table = make()
  const files = [undefined, ...twins]
  // The files of the sample take turns.
  const chosen = which === undefined ? [files[i % files.length]] : files
  return chosen.map((twin) => ({ name: `${table.name} ${twin ?? 'clean'}`, table, twin }))
})

describe('init and train', () => {
  it.each(tables)('do as well as a linear model on $name, or half as well', async ({ name, table, twin }) => {
    const cwd = await folderOf()
    const { file, table: written } = fileOf(table, twin)
    const { [table.metric]: metric = NaN } = await firstTry(cwd, file, { target: table.target })
    const { train, test } = await ownData(
      await openModel('run', environmentOf({ cwd })),
      environmentOf({ cwd }),
    )
    const rows = Array.from(test?.whole?.sourceRow ?? [])
    if (folder !== undefined) {
      const trained = Array.from(train.whole?.sourceRow ?? [])
      await writeFile(
        join(folder, `${name}.json`),
        JSON.stringify({ ...written, train: trained, test: rows, metric_value: metric }),
      )
      return
    }
    const scores = golden.scores.find((one) => one.name === name)
    expect(scores?.test).toBe(rows.reduce((sum, row) => sum + row, 0))
    const { trivial = NaN, linear = NaN } = scores ?? {}
    expect((metric - trivial) / (linear - trivial)).toBeGreaterThan(0.5)
  })

  it('take JSON lines', async () => {
    const { table } = fileOf(classicTables[0]!())
    const lines = table.rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    const file = { path: 'iris.jsonl', content: Buffer.from(lines) }
    expect((await firstTry(await folderOf(), file, { target: 'species' }))['accuracy']).toBeGreaterThan(0.8)
  })

  it.each([
    ['iris.parquet', 'species'],
    ['digits.npz', 'y'],
  ])('take %s', async (path, target) => {
    const file = { path, content: Buffer.from(golden.files[path] ?? '', 'base64') }
    expect((await firstTry(await folderOf(), file, { target }))['accuracy']).toBeGreaterThan(0.7)
  })

  it.each([
    ['one series', ['north'], '{steps: 20, horizon: 1}'],
    ['two series', ['north', 'south'], '{steps: 20, horizon: 1, series: station}'],
  ])('forecast %s of dates and numbers from its past', async (_name, stations, window) => {
    const cwd = await folderOf()
    const draw = draws('forecast')
    const rows = stations.flatMap((station, k) => {
      let level = 10 * k
      return Array.from({ length: 190 }, (_, hour) => {
        level += draw.below(100) / 100 - 0.5
        const date = new Date(Date.UTC(2024, 0, 1, hour)).toISOString().slice(0, 16)
        const value = level + 5 * Math.sin((hour * Math.PI) / 12)
        return [...(stations.length > 1 ? [station] : []), date, value.toFixed(2)].join(',')
      })
    })
    const header = [...(stations.length > 1 ? ['station'] : []), 'time', 'level'].join(',')
    const file = { path: 'levels.csv', content: Buffer.from([header, ...rows, ''].join('\n')) }
    const { r2_score = NaN } = await firstTry(cwd, file, { target: 'level' })
    const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    expect(config).toContain(`window: ${window}`)
    expect(config).toContain('split: {validation: 0.15, test: 0.15, time: time}')
    expect(r2_score).toBeGreaterThan(0.5)
  })

  it('forecast a series out of the range of its training rows, better than its last value where changes go on', async () => {
    const cwd = await folderOf()
    const draw = draws('momentum')
    let [level, change] = [100, 0]
    const rows = Array.from({ length: 400 }, (_, day) => {
      change = 0.7 * change + draw.below(100) / 50 - 0.98
      level += change
      return `${new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10)},${level.toFixed(3)}`
    })
    const file = { path: 'prices.csv', content: Buffer.from(['day,price', ...rows, ''].join('\n')) }
    const { mean_absolute_error: error = NaN } = await firstTry(cwd, file, { target: 'price' })
    const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    const [, naive] = /repeating the last value gives a mean_absolute_error of ([\d.]+)/.exec(config) ?? []
    expect(error).toBeLessThan(0.85 * Number(naive))
  })

  it('take dates without an even distance as features', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => `2024-0${1 + (i % 9)}-${10 + (i % 17)},${i % 17}`)
    const cwd = await folderOf({ 'visits.csv': ['day,visits', ...rows, ''].join('\n') })
    await nnlab(['init', '--data', 'visits.csv'], { cwd })
    const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
    expect(config).toContain('type: date')
    expect(config).not.toContain('window')
  })

  it('take texts that some rows lack', async () => {
    const rows = Array.from({ length: 80 }, (_, i) =>
      i % 8 === 3
        ? `,${i % 2}`
        : `${i % 2 ? 'a good' : 'no such'} place to be in the winter of ${1900 + i},${i % 2}`,
    )
    const content = Buffer.from(['comment,label', ...rows].join('\n'))
    expect(await firstTry(await folderOf(), { path: 'texts.csv', content }, { epochs: 1 })).toHaveProperty(
      'loss',
    )
  })

  it('take a folder of texts, of which new ones are predicted with their names', async () => {
    const cwd = await folderOf()
    const draw = draws('texts')
    const words = (list: string): string[] => list.split(' ')
    const [own, common] = [
      [words('bad dull sad'), words('good fine glad')],
      words('the film was a story of two'),
    ]
    for (let i = 0; i < 80; i++) {
      const text = Array.from(
        { length: 9 },
        (_, k) => (k === 4 ? own[i % 2] : common)?.[draw.below(k === 4 ? 3 : 7)],
      )
      await mkdir(join(cwd, 'reviews', `kind ${i % 2}`), { recursive: true })
      await writeFile(join(cwd, 'reviews', `kind ${i % 2}`, `${i}.txt`), `${text.join(' ')}.\n`)
    }
    const file = { path: 'reviews/read.me', content: Buffer.from('') }
    expect((await firstTry(cwd, file, { epochs: 20 }))['accuracy']).toBeGreaterThan(0.9)
    await writeFile(join(cwd, 'new.txt'), 'a sad film')
    expect((await nnlab(['predict', 'run', 'new.txt'], { cwd })).stdout).toMatch(/^row,.*\n1,.*kind 0/)
    const both = await nnlab(['predict', 'run', 'reviews/kind 1'], { cwd })
    expect(both.stdout).toMatch(/^row,file,.*\n1,reviews\/kind 1\/1.txt,kind 1,/)
  })

  it('take a folder of images', async () => {
    const cwd = await folderOf()
    const draw = draws('images')
    for (let i = 0; i < 60; i++) {
      const kind = i % 2
      const data = Uint8Array.from(
        { length: 16 * 16 * 3 },
        (_, k) => (k % 3 === kind ? 180 : 60) + draw.below(60),
      )
      await mkdir(join(cwd, 'photos', `kind ${kind}`), { recursive: true })
      await writeFile(
        join(cwd, 'photos', `kind ${kind}`, `${i}.png`),
        encode({ width: 16, height: 16, data, channels: 3 }),
      )
    }
    const file = { path: 'photos/read.me', content: Buffer.from('') }
    expect((await firstTry(cwd, file, { epochs: 4 }))['accuracy']).toBeGreaterThan(0.7)
  })
})

/** Real tables, where they are installed: `npm install --no-save vega-datasets`. */
const vega = fileURLToPath(new URL('../../../node_modules/vega-datasets/data', import.meta.url))

describe.skipIf(!existsSync(vega))('init and train on tables of vega-datasets', () => {
  it.each([
    ['cars.json', 'Miles_per_Gallon', 'r2_score', 0.7],
    ['penguins.json', 'Species', 'accuracy', 0.9],
    ['movies.json', 'IMDB Rating', 'r2_score', 0.3],
    ['seattle-weather.csv', 'weather', 'f1_score', 0.3],
    ['barley.json', 'yield', 'r2_score', 0.4],
    ['gapminder.json', 'life_expect', 'r2_score', 0.7],
    ['us-employment.csv', 'nonfarm', 'r2_score', 0.9],
    ['iowa-electricity.csv', 'net_generation', 'r2_score', 0.5],
    ['stocks.csv', 'price', 'r2_score', 0.5],
    ['airports.csv', 'state', 'accuracy', 0.5],
  ])('%s: %s', async (path, target, metric, above) => {
    const content = await readFile(join(vega, path))
    expect((await firstTry(await folderOf(), { path, content }, { target }))[metric]).toBeGreaterThan(above)
  })
})
