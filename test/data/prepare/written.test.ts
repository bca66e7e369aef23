import { describe, expect, it } from 'vitest'

import { classes, folderOf, newRows, oneInput, plain, prepare, values } from '../support.ts'

const rows = (line: (i: number) => string): string =>
  Array.from({ length: 12 }, (_, i) => `${line(i)}\n`).join('')

describe('numbers with commas', () => {
  const files = { 'rows.csv': `x;y\n${rows((i) => `${i},5;${i % 2}`)}`, 'new.csv': 'x;y\n1,25;0\n' }
  const spec = { type: 'csv', path: 'rows.csv', delimiter: ';', target: 'y' }
  const ports = { inputs: [{ name: 'input' }], outputs: classes(1) }

  it('are not one-hot encoded in silence', async () => {
    const directory = await folderOf(files)
    await expect(prepare(spec, { directory, ...ports })).rejects.toMatchObject({
      message: 'rows.csv:2: column "x" holds numbers that are written like "0,5"',
      hint: 'set data.decimal: ",", or for this column alone data.formats: {x: "0,0"}; if they are names, list the column in data.features.one_hot',
    })
    const chosen = await prepare({ ...spec, features: { one_hot: ['x'] } }, { directory, ...ports })
    expect(chosen.preprocessing.inputs[0]?.shape).toEqual([12])
  })

  it('are read as the config says, in new rows, too', async () => {
    const directory = await folderOf(files)
    const { preprocessing, train } = await prepare({ ...spec, decimal: ',' }, { directory, ...ports })
    expect(plain(train.inputs[0]?.data).slice(0, 2)).toEqual([0.5, 1.5])
    const { encoded } = await newRows({ type: 'csv', path: 'new.csv' }, preprocessing, {
      directory,
      targets: true,
    })
    expect(plain(encoded.inputs[0]?.data)).toEqual([1.25])
  })
})

it('dates in another pattern are named', async () => {
  const directory = await folderOf({ 'rows.csv': `when,x,y\n${rows((i) => `${i + 13}.01.2022,${i},${i}`)}` })
  const spec = { type: 'csv', path: 'rows.csv', target: 'y', split: { time: 'when', test: 0.25 } }
  const ports = { directory, inputs: oneInput(1), outputs: values(1) }
  await expect(prepare(spec, ports)).rejects.toMatchObject({ hint: 'set data.formats: {when: dd.MM.yyyy}' })
  const { test } = await prepare({ ...spec, formats: { when: 'dd.MM.yyyy' } }, ports)
  expect(plain(test?.targets[0]?.data)).toEqual([9, 10, 11])
})

it('columns that number the rows are no features, unless the config names them', async () => {
  const directory = await folderOf({ 'rows.csv': `,x,y\n${rows((i) => `${i},${i},${i}`)}` })
  const spec = { type: 'csv', path: 'rows.csv', target: 'y' }
  const left = await prepare(spec, { directory, inputs: oneInput(1), outputs: values(1) })
  expect(left.notes).toEqual([expect.stringMatching(/^column_1: left out/)])
  const named = { ...spec, features: { columns: ['column_1', 'x'] } }
  const { notes } = await prepare(named, { directory, inputs: oneInput(2), outputs: values(1) })
  expect(notes).toEqual([])
})

it('a label that the config lists is no missing value, in new rows neither', async () => {
  const directory = await folderOf({ 'rows.csv': `x,y\n${rows((i) => `${i},${i % 2 ? 'NA' : 'EU'}`)}` })
  const spec = { type: 'csv', path: 'rows.csv', target: { column: 'y', classes: ['EU', 'NA'] } }
  const { train, preprocessing } = await prepare(spec, {
    directory,
    inputs: oneInput(1),
    outputs: classes(1),
  })
  expect([...(train.targets[0]?.data ?? [])].slice(0, 4)).toEqual([0, 1, 0, 1])
  const { encoded } = await newRows({ type: 'csv', path: 'rows.csv' }, preprocessing, {
    directory,
    targets: true,
  })
  expect([...(encoded.targets[0]?.data ?? [])].slice(0, 4)).toEqual([0, 1, 0, 1])
})

it('booleans and numbers of one format are those of another', async () => {
  const directory = await folderOf({
    'rows.csv': `on,class,y\n${rows((i) => `${i % 2 ? 'True' : 'False'},${(i % 3) + 1},${i % 2}`)}`,
    'new.csv': 'on,class\nTRUE,3.0\nfalse,1\n',
    'new.jsonl': '{"on": true, "class": 3}\n{"on": false, "class": 1.0}\n',
    'new.json': '[{"on": 1, "class": "3.0"}, {"on": "False", "class": 1}]',
  })
  const spec = { type: 'csv', path: 'rows.csv', target: 'y', features: { one_hot: ['class'] } }
  const { preprocessing } = await prepare(spec, { directory, inputs: oneInput(5), outputs: classes(1) })
  for (const [type, path] of [
    ['csv', 'new.csv'],
    ['jsonl', 'new.jsonl'],
    ['jsonl', 'new.json'],
  ] as const) {
    const { encoded } = await newRows({ type, path }, preprocessing, { directory, targets: false })
    expect(plain(encoded.inputs[0]?.data)).toEqual([0, 1, 0, 0, 1, 1, 0, 1, 0, 0])
  }
})
