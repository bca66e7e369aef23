import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastWindows, windowsWithin } from '../../../src/data/fit/window.ts'
import { readRows } from '../../../src/data/prepare/new-rows.ts'
import { knownOutputs, trueValues } from '../../../src/data/prepare/true-values.ts'
import { preprocessingSchema } from '../../../src/data/fit/preprocessing.ts'
import { decode } from '../../../src/runtime/predictions.ts'
import {
  classes,
  folderOf,
  newRows,
  numbers,
  oneInput,
  plain,
  prepare,
  rowsUpTo,
  tableOf,
  texts,
  values,
} from '../support.ts'

type KerasWindows = {
  rows: number
  steps: number
  sampling_rate: number
  sequence_stride: number
  windows: number[][]
}
const golden: { cases: KerasWindows[] } = JSON.parse(
  readFileSync(new URL('../../golden/windows.json', import.meta.url), 'utf8'),
)

describe('windows', () => {
  const table = tableOf([numbers('x', [...rowsUpTo(8)])])

  it('hold rows that follow each other, and a target after the horizon', () => {
    const { rows, windows } = windowsWithin(table, rowsUpTo(8), { steps: 3, horizon: 2 })
    expect([...rows]).toEqual([4, 5, 6, 7])
    expect([...(windows ?? [])]).toEqual([0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5])
  })

  it('never reach across a row that is not in the split', () => {
    fc.assert(
      fc.property(
        fc.subarray([...rowsUpTo(8)]),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(2),
        (chosen, steps, horizon) => {
          const { rows, windows = new Uint32Array() } = windowsWithin(table, Uint32Array.from(chosen), {
            steps,
            horizon,
          })
          for (const [i, row] of rows.entries()) {
            const own = [...windows.subarray(i * steps, (i + 1) * steps)]
            expect(own).toEqual(own.map((_, step) => row - horizon - steps + 1 + step))
            for (let at = row - horizon - steps + 1; at <= row; at++) expect(chosen).toContain(at)
          }
        },
      ),
    )
  })

  it.each(golden.cases)('are those of Keras: %j', ({ rows: count, windows: expected, ...window }) => {
    const series = tableOf([numbers('x', [...rowsUpTo(count)])])
    const { rows, windows } = windowsWithin(series, rowsUpTo(count), { ...window, horizon: 0 })
    expect([...(windows ?? [])]).toEqual(expected.flat())
    expect([...rows]).toEqual(expected.map((own) => own.at(-1)))
  })

  it('are followed by targets of several steps', () => {
    const window = { steps: 2, horizon: 2, target_steps: 3 }
    const { rows, windows, targets } = windowsWithin(table, rowsUpTo(8), window)
    expect([...(windows ?? [])]).toEqual([0, 1, 1, 2, 2, 3])
    expect([...rows]).toEqual([3, 4, 5])
    expect([...(targets ?? [])]).toEqual([3, 4, 5, 4, 5, 6, 5, 6, 7])
  })

  it('end with the last row where a model predicts what follows', () => {
    const window = { steps: 3, horizon: 1, sampling_rate: 2, sequence_stride: 5, target_steps: 2 }
    expect(lastWindows(table, rowsUpTo(8), window)).toEqual({
      rows: Uint32Array.of(7),
      windows: Uint32Array.of(3, 5, 7),
    })
    const short = tableOf([numbers('x', [1, 2, 3, 4])])
    expect(() => lastWindows(short, rowsUpTo(4), window)).toThrow(
      'the last 5 rows of a series, but there are 4',
    )
    expect(() => lastWindows(table, Uint32Array.of(0, 1, 2, 3, 4, 6, 7), window)).toThrow(
      'table:6: a value is missing in the last 5 rows, which the model needs',
    )
  })

  it('hold rows of one series only', () => {
    const mixed = tableOf([texts('store', ['a', 'b', 'a', 'b', 'a', 'b'])])
    const { rows, windows } = windowsWithin(mixed, rowsUpTo(6), { steps: 2, horizon: 1, series: 'store' })
    expect([...rows]).toEqual([4, 5])
    expect([...(windows ?? [])]).toEqual([0, 2, 1, 3])
    expect([
      ...(lastWindows(mixed, rowsUpTo(6), { steps: 2, horizon: 1, series: 'store' }).windows ?? []),
    ]).toEqual([2, 4, 3, 5])
  })
})

describe('a time series', () => {
  const csv = `t,x,y\n${Array.from({ length: 10 }, (_, i) => `${i},${i * 10},${i * 100}`).join('\n')}\n`
  const spec = {
    type: 'csv' as const,
    path: 'rows.csv',
    target: 'y',
    features: { columns: ['x', 'y'], transforms: { y: { type: 'divide', divisor: 100 } } },
    window: { steps: 2, horizon: 1 },
    split: { test: 0.4, shuffle: false },
  }

  it('has targets of several steps, scaled and in the units of their column', async () => {
    const directory = await folderOf({ 'rows.csv': csv })
    const section = {
      ...spec,
      target: { column: 'y', scale: { divide: 100 } },
      window: { steps: 2, target_steps: 3 },
      split: {},
    }
    const { train, preprocessing } = await prepare(section, {
      directory,
      inputs: oneInput(2, 2),
      outputs: values(3),
    })
    expect(plain(train.targets[0]?.data).slice(0, 6)).toEqual([2, 3, 4, 3, 4, 5])
    expect([...train.sourceRow]).toEqual([2, 3, 4, 5, 6, 7])
    const [output] = preprocessing.outputs
    const predicted = output && decode(output, Float32Array.from([2, 3, 4]))
    expect(predicted?.kind === 'numbers' && plain(predicted.values)).toEqual([200, 300, 400])
    expect(preprocessingSchema.parse(JSON.parse(JSON.stringify(preprocessing)))).toEqual(preprocessing)
  })

  it.each([
    ['a weight for each step with an axis of its own', values(3, 1), [2, 3, 4, 3, 4, 5]],
    ['the mean of the weights of steps that share an axis', values(3), [3, 4]],
  ])('has %s', async (_, outputs, weights) => {
    const directory = await folderOf({ 'rows.csv': csv })
    const section = { ...spec, sample_weight: 't', window: { steps: 2, target_steps: 3 }, split: {} }
    const options = { directory, inputs: oneInput(2, 2), outputs }
    const { train, preprocessing } = await prepare(section, options)
    expect(plain(train.sampleWeight).slice(0, weights.length)).toEqual(weights)
    const rows = { type: 'csv', path: 'rows.csv' }
    const { encoded } = await newRows(rows, preprocessing, { directory, targets: true })
    expect(plain(encoded.sampleWeight)).toEqual(plain(train.sampleWeight))
  })

  it.each([1, 2])('is backtested beside the targets of every window, of %d steps', async (steps) => {
    const other = csv.replace(/(?<=\n)(\d),(\d+),(\d+)/g, '$1,b,$2,$3').replace('t,x,y', 't,s,x,y')
    const two = `${other}${other.slice(other.indexOf('\n') + 1).replaceAll(',b,', ',a,')}`
    const directory = await folderOf({ 'rows.csv': two })
    const section = {
      ...spec,
      window: { steps: 2, target_steps: steps, series: 's' },
      split: {},
    }
    const options = { directory, inputs: oneInput(2, 2), outputs: values(steps) }
    const { preprocessing } = await prepare(section, options)
    const source = { type: 'csv', path: 'rows.csv' }
    const reading = { directory, targets: false, memory: '1 GB', backtest: true }
    const read = await readRows(source, preprocessing, reading)
    const evaluated = await newRows(source, preprocessing, { directory, targets: true })
    expect(read.rows.whole?.inputs).toEqual(evaluated.encoded.inputs)
    const [output] = knownOutputs(read, preprocessing)
    const truth =
      output && trueValues(read.table, read.rows.whole?.targetRows ?? new Uint32Array(), output, steps)
    expect(truth?.size).toBe(steps)
    expect(truth?.values).toEqual(plain(evaluated.encoded.targets[0]?.data))
    const last = await readRows(source, preprocessing, { ...reading, backtest: false })
    expect(last.rows.whole?.targetRows).toBeUndefined()
  })

  it('has classes of several steps', async () => {
    const rows = ['up', 'down', 'up', 'up', 'down', 'up'].map((label, i) => `${i},${label}`)
    const directory = await folderOf({ 'rows.csv': `x,label\n${rows.join('\n')}\n` })
    const section = { type: 'csv', path: 'rows.csv', target: 'label', window: { steps: 2, target_steps: 2 } }
    const options = { directory, inputs: oneInput(2, 1) }
    const { train } = await prepare(section, { ...options, outputs: classes(2, 2) })
    expect(train.targets[0]).toEqual({
      kind: 'classes',
      name: 'output',
      shape: [2],
      data: Int32Array.of(1, 1, 1, 0, 0, 1),
    })
    await expect(prepare(section, { ...options, outputs: classes(4) })).rejects.toThrow(
      'data.window.target_steps is 2, but the model\'s output "output" has the shape [4]: expected [2, classes]',
    )
  })

  it('becomes [steps, features] with windows inside each split', async () => {
    const directory = await folderOf({ 'rows.csv': csv })
    const { train, test } = await prepare(spec, { directory, inputs: oneInput(2, 2), outputs: values(1) })
    expect(plain(train.inputs[0]?.data)).toEqual([
      ...[0, 0, 10, 1],
      ...[10, 1, 20, 2],
      ...[20, 2, 30, 3],
      ...[30, 3, 40, 4],
    ])
    expect(plain(train.targets[0]?.data)).toEqual([200, 300, 400, 500])
    expect(plain(test?.targets[0]?.data)).toEqual([800, 900])
    expect(test?.sourceRow).toEqual(Uint32Array.of(8, 9))
  })

  it('is predicted from its last rows', async () => {
    const directory = await folderOf({
      'rows.csv': csv,
      'new.csv': 'x,y\n5,1\n7,200\n8,300\n',
      'short.csv': 'x,y\n7,200\n',
    })
    const { preprocessing } = await prepare(spec, { directory, inputs: oneInput(2, 2), outputs: values(1) })
    const read = (path: string, targets: boolean) =>
      newRows({ type: 'csv', path }, preprocessing, { directory, targets })
    const { encoded } = await read('new.csv', false)
    expect(plain(encoded.inputs[0]?.data)).toEqual([7, 2, 8, 3])
    expect(encoded.sourceRow).toEqual(Uint32Array.of(2))
    expect((await read('new.csv', true)).encoded.targets[0]?.data).toEqual(Float32Array.of(300))
    await expect(read('short.csv', false)).rejects.toThrow(
      'short.csv:2: the model needs the last 2 rows of a series, but there are 1',
    )
  })

  it('is refused where no window fits into a split', async () => {
    const directory = await folderOf({ 'rows.csv': csv })
    const wide = { ...spec, window: { steps: 5 } }
    await expect(
      prepare(wide, { directory, inputs: oneInput(5, 2), outputs: values(1) }),
    ).rejects.toMatchObject({
      message: 'rows.csv: no window fits into the 4 rows of the test split',
      hint: expect.stringMatching(/^a window and its target take 6 rows .*: make the split larger/),
    })
    const shuffled = prepare(
      { ...spec, window: { steps: 3 }, split: { test: 0.4, shuffle: true } },
      { directory, inputs: oneInput(3, 2), outputs: values(1) },
    )
    await expect(shuffled).rejects.toMatchObject({
      hint: expect.stringMatching(/ 4 rows .*: set data.split.shuffle: false/),
    })
    const narrow = prepare(spec, { directory, inputs: oneInput(2, 3), outputs: values(1) })
    await expect(narrow).rejects.toMatchObject({ hint: expect.stringContaining('input to [2, 2]') })
  })
})

describe('windows of a file that is not in the order of time', () => {
  const byDay = (order: readonly number[]): string =>
    `day,x\n${order.map((i) => `2024-01-${String(i + 1).padStart(2, '0')},${i}`).join('\n')}\n`
  const oldestFirst = [...rowsUpTo(10)]
  const spec = {
    type: 'csv' as const,
    path: 'rows.csv',
    target: 'x',
    features: { columns: ['x'] },
    window: { steps: 2, horizon: 1 },
    split: { test: 0.4, time: 'day' },
  }
  const options = { inputs: oneInput(2, 1), outputs: values(1) }

  it.each([
    ['newest first', oldestFirst.toReversed()],
    ['in disorder', [3, 9, 0, 5, 1, 8, 2, 7, 6, 4]],
  ])('follow data.split.time: %s', async (_, order) => {
    const directory = await folderOf({ 'rows.csv': byDay(order) })
    const { train, test, notes } = await prepare(spec, { directory, ...options })
    expect(plain(train.inputs[0]?.data)).toEqual([0, 1, 1, 2, 2, 3, 3, 4])
    expect(plain(train.targets[0]?.data)).toEqual([2, 3, 4, 5])
    expect(plain(test?.inputs[0]?.data)).toEqual([6, 7, 7, 8])
    expect(plain(test?.targets[0]?.data)).toEqual([8, 9])
    expect(notes).toEqual([])
  })

  it('follow it within each series, in validation files and on new rows', async () => {
    const rows = (shops: readonly string[]): string =>
      `shop,day,x\n${shops.flatMap((shop, s) => oldestFirst.toReversed().map((day) => `${shop},${day},${100 * s + day}`)).join('\n')}\n`
    const directory = await folderOf({ 'rows.csv': rows(['a', 'b']), 'held.csv': rows(['c']) })
    const { train, validation, preprocessing } = await prepare(
      {
        ...spec,
        path: { train: 'rows.csv', validation: 'held.csv' },
        window: { ...spec.window, series: 'shop' },
        split: { time: 'day' },
      },
      { directory, ...options },
    )
    const within = (first: number): number[] => [...rowsUpTo(8)].map((row) => first + row + 2)
    expect(plain(train.targets[0]?.data)).toEqual([...within(0), ...within(100)])
    expect(plain(validation?.targets[0]?.data)).toEqual(within(0))
    const read = (path: string, targets: boolean) =>
      newRows({ type: 'csv', path }, preprocessing, { directory, targets })
    expect(plain((await read('rows.csv', false)).encoded.inputs[0]?.data)).toEqual([8, 9, 108, 109])
    expect(plain((await read('held.csv', true)).encoded.targets[0]?.data)).toEqual(within(0))
  })

  it('are in the order of a file without that column, as a note says', async () => {
    const directory = await folderOf({ 'rows.csv': byDay(oldestFirst), 'new.csv': 'x\n8\n9\n7\n' })
    const { preprocessing } = await prepare(spec, { directory, ...options })
    const read = (path: string) =>
      newRows({ type: 'csv', path }, preprocessing, { directory, targets: false })
    const { encoded, notes } = await read('new.csv')
    expect(plain(encoded.inputs[0]?.data)).toEqual([9, 7])
    expect(notes).toEqual(['new.csv has no column "day": its rows are taken in the order of the file'])
  })

  it('need the time of every new row', async () => {
    const directory = await folderOf({
      'rows.csv': byDay(oldestFirst),
      'new.csv': 'day,x\n,8\n2024-02-01,9\n',
    })
    const { preprocessing } = await prepare(spec, { directory, ...options })
    const read = newRows({ type: 'csv', path: 'new.csv' }, preprocessing, { directory, targets: false })
    await expect(read).rejects.toThrow('new.csv:2: column "day" has no value')
  })

  const notesOf = async (split: Record<string, unknown>, csv: string): Promise<string[]> => {
    const directory = await folderOf({ 'rows.csv': csv })
    const { notes, warnings } = await prepare({ ...spec, split }, { directory, ...options })
    return [...notes, ...warnings.map(({ message }) => message)]
  }

  it('are told where rows of an even series are missing', async () => {
    const csvOf = (days: readonly number[]): string =>
      `day,x\n${days.map((day, i) => `${new Date(day * 86_400_000).toISOString().slice(0, 10)},${i}`).join('\n')}\n`
    const days = [...rowsUpTo(300)]
    const gap = expect.stringMatching(/^\d+ of \d+ windows of the training rows reach over gaps in "day"/)
    const notes = (kept: readonly number[]) => notesOf({ test: 0.2, time: 'day' }, csvOf(kept))
    expect(await notes(days)).toEqual([])
    expect(await notes(days.filter((day) => day % 40 !== 17))).toEqual([gap])
    // 1970-01-01 was a Thursday.
    expect(await notes(days.filter((day) => (day + 3) % 7 < 5))).toEqual([])
    expect(await notes(days.map((i) => Date.UTC(1990, i) / 86_400_000))).toEqual([])
  })

  it('are told where the config leaves their order in doubt', async () => {
    const shops = `shop,day,x\n${oldestFirst.map((i) => `${i % 2 ? 'a' : 'b'},${i >> 1},${i}`).join('\n')}\n`
    const long = `day,x\n${[...rowsUpTo(100)].map((i) => `${i},${i}`).join('\n')}\n`
    expect(await notesOf({ time: 'day' }, shops)).toEqual([
      expect.stringMatching(/several rows of the same "day".*data\.window\.series/),
    ])
    expect(await notesOf({ group: 'shop' }, shops)).toEqual([
      expect.stringMatching(/rows of several values of "shop".*write series: shop/),
    ])
    expect(await notesOf({ validation: 0.4 }, long)).toEqual([
      expect.stringMatching(/at random.*data\.split\.time or data\.split\.shuffle: false/),
    ])
    expect(await notesOf({ validation: 0.1, shuffle: false }, long)).toEqual([])
    expect(await notesOf({ validation: 0.1, time: 'day', seed: 1 }, long)).toEqual([
      'data.split.seed has no effect beside data.split.time',
    ])
  })
})
