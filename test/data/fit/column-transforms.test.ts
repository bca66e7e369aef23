import { describe, expect, it } from 'vitest'
import { preprocessingSchema } from '../../../src/data/fit/preprocessing.ts'
import { encodeRows } from '../../../src/data/fit/encode-set.ts'
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
} from '../support.ts'

const csv =
  'age,city,when,note,label\n' +
  '10,Oslo,2024-01-01,good day,no\n' +
  ',Rome,2024-02-01,bad day,yes\n' +
  '30,Oslo,2024-03-01,good good,no\n' +
  '99,Bern,2024-04-01,what,yes\n'

const spec = {
  type: 'csv' as const,
  path: 'rows.csv',
  target: 'label',
  features: {
    transforms: {
      age: { type: 'min_max', missing: 'median', indicator: true },
      city: { type: 'one_hot', categories: ['Oslo', 'Rome'], unseen: 'other' },
      when: { type: 'date', parts: ['month'], cyclic: false, scale: false },
      note: { type: 'tokens', output_sequence_length: 2, max_tokens: 4 },
    },
  },
  split: { test: 0.25, shuffle: false },
}
const ports = { inputs: oneInput(8), outputs: classes(2) }

describe('transforms of single columns', () => {
  it('are fitted on the training rows only', async () => {
    const directory = await folderOf({ 'rows.csv': csv })
    const { train, test } = await prepare(spec, { directory, ...ports })
    expect(plain(train.inputs[0]?.data)).toEqual([
      ...[0, 0, 1, 0, 0, 1, 2, 3],
      ...[0.5, 1, 0, 1, 0, 2, 1, 3],
      ...[1, 0, 1, 0, 0, 3, 2, 2],
    ])
    expect(plain(test?.inputs[0]?.data)).toEqual([4.45, 0, 0, 0, 1, 4, 1, 0])
  })

  it('are replayed from the saved model on new rows', async () => {
    const directory = await folderOf({ 'rows.csv': csv, 'new.csv': csv.replaceAll(/,(yes|no|label)$/gm, '') })
    const prepared = await prepare(spec, { directory, ...ports })
    const saved = preprocessingSchema.parse(JSON.parse(JSON.stringify(prepared.preprocessing)))
    expect(saved).toEqual(prepared.preprocessing)
    const options = { directory, targets: false }
    const { encoded } = await newRows({ type: 'csv', path: 'new.csv' }, saved, options)
    const together = [...plain(prepared.train.inputs[0]?.data), ...plain(prepared.test?.inputs[0]?.data)]
    expect(plain(encoded.inputs[0]?.data)).toEqual(together)
  })

  it('are refused for a column that does not exist, or holds something else', async () => {
    const directory = await folderOf({ 'rows.csv': csv })
    const run = (transforms: Record<string, unknown>, missing: 'mean' | 'drop' = 'mean') =>
      prepare({ ...spec, missing, features: { transforms } }, { directory, ...ports })
    await expect(run({ agee: 'standard' })).rejects.toThrow(
      'rows.csv: there is no column "agee", which data.features.transforms names',
    )
    await expect(run({ city: 'standard' })).rejects.toThrow('column "city" holds strings such as "Oslo"')
    await expect(run({ when: 'date', note: 'date' })).rejects.toThrow('when (7 numbers of a date)')
    const dates = { when: { type: 'date', parts: ['year'] }, note: { type: 'date', parts: ['year'] } }
    await expect(run({ ...dates, city: 'ordinal' })).rejects.toThrow('the features give 4: age, city')
    await expect(
      run({ ...dates, city: { type: 'one_hot', categories: [1, 2, 3, 4, 5], unseen: 'error' } }),
    ).rejects.toThrow('rows.csv:2: "Oslo" in column "city" is not one of the 5 values')
    await expect(run({ age: { type: 'standard', indicator: true } }, 'drop')).rejects.toThrow(
      'data.features.transforms.age: an indicator needs a number to put in',
    )
  })
})

describe('missing values', () => {
  const run = async (missing: object | 'median', width: number) => {
    const directory = await folderOf({ 'rows.csv': 'a,b,label\n1,5,0\n,6,1\n4,7,0\n9,8,1\n' })
    const { train } = await prepare(
      { type: 'csv', path: 'rows.csv', target: 'label', missing },
      { directory, inputs: oneInput(width), outputs: classes(2) },
    )
    return plain(train.inputs[0]?.data)
  }

  it('become the median', async () => {
    expect(await run('median', 2)).toEqual([1, 5, 4, 6, 4, 7, 9, 8])
    expect(await run({ fill: 'median' }, 2)).toEqual([1, 5, 4, 6, 4, 7, 9, 8])
  })

  it('may be told apart by an indicator of the columns that lack some', async () => {
    expect(await run({ constant: -1, indicator: true }, 3)).toEqual([1, 0, 5, -1, 1, 6, 4, 0, 7, 9, 0, 8])
  })
})

describe('the state of a model that version 1 saved', () => {
  it('is still read', () => {
    const saved = preprocessingSchema.parse({
      inputs: [
        {
          name: 'input',
          shape: [3],
          features: [
            { kind: 'number', column: 'x', fill: 2, scaling: { subtract: 1, multiply: 2 } },
            { kind: 'text', column: 'city', categories: ['Oslo', 'Rome'] },
          ],
        },
      ],
      outputs: [{ kind: 'numbers', name: 'output', shape: [1], columns: ['y'], scalings: [] }],
      missing: 'fill',
    })
    const table = tableOf([numbers('x', [3, NaN]), texts('city', ['Rome', ''])])
    const { inputs } = encodeRows(table, { rows: rowsUpTo(2) }, saved, {
      targets: false,
      sampleWeight: false,
    })
    expect(plain(inputs[0]?.data)).toEqual([4, 0, 1, 2, 0, 0])
  })

  it('is refused where it is damaged or of a later version', () => {
    const feature = { kind: 'encoded', column: 'a', transform: 'one_hot', state: { categories: 3 } }
    const inputs = [{ name: 'input', shape: [1], features: [feature] }]
    expect(preprocessingSchema.safeParse({ inputs, outputs: [], missing: 'error' }).success).toBe(false)
    expect(
      preprocessingSchema.safeParse({ version: 3, inputs: [], outputs: [], missing: 'error' }).success,
    ).toBe(false)
  })
})
