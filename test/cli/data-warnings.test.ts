import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

/** Rows of a table, made of a function of their number. */
const csv = (header: string, rows: number, line: (i: number) => readonly unknown[]): string =>
  `${[header, ...Array.from({ length: rows }, (_, i) => line(i).join(','))].join('\n')}\n`

/** A number from 0 to 1 that looks random. */
const noise = (i: number): number => Number(((Math.sin(i * 12.9898) * 43758.5453) % 1).toFixed(4))
const day = (i: number): string => new Date(86_400_000 * (20_000 + i)).toISOString().slice(0, 10)
const label = (i: number): string => (noise(i + 0.5) > 0 ? 'yes' : 'no')

type Case = { table: string; split?: string; data?: string; compile?: string; fit?: string }

const PERCENTAGES = '{loss: mse, metrics: [mean_absolute_percentage_error]}'

/** Tables with a likely mistake, by its code, and the same tables without it. */
const CASES: Readonly<Record<string, { wrong: Case; right: Case }>> = {
  scale: {
    wrong: { table: csv('x,y', 60, (i) => [9000 + noise(i), label(i)]) },
    right: { table: csv('x,y', 60, (i) => [9000 + noise(i), label(i)]), data: 'features: {scale: standard}' },
  },
  leak: {
    wrong: { table: csv('x,code,y', 60, (i) => [noise(i), label(i) === 'yes' ? 'A' : 'B', label(i)]) },
    right: { table: csv('x,code,y', 60, (i) => [noise(i), noise(2 * i) > 0 ? 'A' : 'B', label(i)]) },
  },
  id: {
    wrong: { table: csv('x,customer_id,y', 60, (i) => [noise(i), `c${i}`, label(i)]) },
    right: { table: csv('x,customer_id,y', 60, (i) => [noise(i), `c${i % 9}`, label(i)]) },
  },
  imbalance: {
    wrong: { table: csv('x,y', 100, (i) => [noise(i), i % 25 === 3 ? 'yes' : 'no']) },
    right: {
      table: csv('x,y', 100, (i) => [noise(i), i % 25 === 3 ? 'yes' : 'no']),
      fit: 'class_weight: balanced',
    },
  },
  'time-order': {
    wrong: {
      table: csv('x,date,y', 60, (i) => [noise(i), day(i), label(i)]),
      data: 'features: {exclude: [date]}',
    },
    right: {
      table: csv('x,date,y', 60, (i) => [noise(i), day(i), label(i)]),
      data: 'features: {exclude: [date]}',
      split: '{test: 0.2, time: date}',
    },
  },
  'zero-target': {
    wrong: { table: csv('x,y', 60, (i) => [noise(i), i % 6]), compile: PERCENTAGES },
    right: { table: csv('x,y', 60, (i) => [noise(i), 1 + (i % 6)]), compile: PERCENTAGES },
  },
  'shared-rows': {
    wrong: { table: csv('x,y', 60, (i) => [noise(i % 20), label(i % 20)]) },
    right: { table: csv('x,y', 60, (i) => [noise(i), label(i)]) },
  },
}

const Trained = z.object({
  warnings: z.array(z.object({ code: z.string(), path: z.string(), line: z.number(), message: z.string() })),
})

async function folderFor({
  table,
  split = '{test: 0.2}',
  data,
  compile = '{loss: binary_crossentropy}',
  fit,
}: Case): Promise<string> {
  const config = `data:
  type: csv
  path: rows.csv
  target: y
  split: ${split}
${data === undefined ? '' : `  ${data}\n`}model: {layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: ${compile}
fit: {epochs: 1${fit === undefined ? '' : `, ${fit}`}}
`
  return folderOf({ 'nnlab.yaml': config, 'rows.csv': table })
}

describe('train warns of likely mistakes in the data', () => {
  it.each(Object.entries(CASES))('%s', async (code, { wrong, right }) => {
    const cwd = await folderFor(wrong)
    const { stdout, stderr } = await nnlab(['train', '--json'], { cwd })
    const { warnings } = Trained.parse(JSON.parse(stdout))
    expect(warnings.map((warning) => warning.code)).toEqual([code])
    expect(stderr.split(`warning ${code}: `)).toHaveLength(2)
    expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect((await nnlab(['data'], { cwd })).stderr).toContain(`warning ${code}: `)
    const mended = await nnlab(['train', '--json'], { cwd: await folderFor(right) })
    expect(Trained.parse(JSON.parse(mended.stdout)).warnings).toEqual([])
  })

  it('of classes too rare to be weighed, once where they have a single row', async () => {
    const table = (rare: number) => csv('x,y', 200, (i) => [noise(i), i < rare ? 'a' : i % 2 ? 'b' : 'c'])
    const compile = '{loss: categorical_crossentropy}'
    const hintsOf = async (rare: number) => {
      const cwd = await folderFor({ table: table(rare), compile })
      const set = '--set=model.layers[0]={type: dense, units: 3, activation: softmax}'
      const { stdout } = await nnlab(['train', '--json', '--quiet', set], { cwd })
      const Hints = z.object({ warnings: z.array(z.object({ code: z.string(), hint: z.string() })) })
      return Hints.parse(JSON.parse(stdout)).warnings.map(({ code, hint }) => `${code}: ${hint}`)
    }
    expect(await hintsOf(1)).toEqual([expect.stringMatching(/^rare-label: /)])
    expect(await hintsOf(5)).toEqual([expect.stringMatching(/^imbalance: look .* too few to be weighted$/)])
  })

  it('of labels that differ in case alone', async () => {
    const table = csv('x,y', 90, (i) => [noise(i), ['Yes', 'no', 'yes'][i % 3]])
    const cwd = await folderFor({ table, compile: '{loss: categorical_crossentropy}' })
    const set = '--set=model.layers[0]={type: dense, units: 3, activation: softmax}'
    const { stdout } = await nnlab(['train', '--json', '--quiet', set], { cwd })
    const { warnings } = Trained.parse(JSON.parse(stdout))
    expect(warnings.map(({ code }) => code)).toEqual(['label-case'])
  })

  it.each(['one_hot', 'ordinal'])('of categories that differ in case alone: %s', async (transform) => {
    const words = ['Wien', 'Graz', 'wien']
    const table = csv('x,z,y', 90, (i) => [words[i % 3], noise(i), i % 2 ? 'a' : 'b'])
    const cwd = await folderFor({ table })
    const set = `--set=data.features={transforms: {x: ${transform}}}`
    const { stdout } = await nnlab(['train', '--json', '--quiet', set], { cwd })
    const { warnings } = Trained.parse(JSON.parse(stdout))
    expect(warnings.map(({ code }) => code)).toEqual(['label-case'])
  })

  it('once: a run that is resumed has been warned of', async () => {
    const cwd = await folderFor(CASES['scale']?.wrong ?? { table: '' })
    await nnlab(['train', '--quiet'], { cwd })
    const { stderr } = await nnlab(['train', '--resume', '--set', 'fit.epochs=2'], { cwd })
    expect(stderr).toContain('resuming runs/nnlab/001 after epoch 1')
    expect(stderr).not.toContain('warning')
  })

  it('once for all folds', async () => {
    const cwd = await folderFor(CASES['scale']?.wrong ?? { table: '' })
    const { stderr } = await nnlab(['cv', '--folds', '2'], { cwd })
    expect(stderr.split('warning scale: ')).toHaveLength(2)
  })

  it('from a sample of the rows, of whose suspicions all rows decide', async () => {
    const rows = 3000
    const leaking = (i: number) => [i / rows, label(i) === 'yes' ? 'A' : 'B', label(i)]
    // One row that contradicts, which a sample is not likely to have.
    const nearly = (i: number) => (i === 1511 ? [i / rows, 'A', 'no'] : leaking(i))
    const ids = (i: number) => [i / rows, i, label(i)]
    // Each id twice, of which a sample is not likely to have both.
    const pairs = (i: number) => [i / rows, i >> 1, label(i)]
    for (const [header, line, codes] of [
      ['x,code,y', leaking, ['leak']],
      ['x,code,y', nearly, []],
      ['x,county_id,y', ids, ['id', 'scale']],
      ['x,county_id,y', pairs, ['scale']],
    ] as const) {
      const cwd = await folderFor({ table: csv(header, rows, line) })
      const { stdout } = await nnlab(['train', '--json', '--quiet'], { cwd })
      expect(Trained.parse(JSON.parse(stdout)).warnings.map(({ code }) => code)).toEqual(codes)
    }
  })
})
