import { describe, expect, it, onTestFinished } from 'vitest'
import { namedFiles } from '../../../src/data/prepare/named-files.ts'
import { prepareData } from '../../../src/data/prepare/prepare.ts'
import { readData } from '../../../src/data/prepare/read-data.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { folderOf, newRows, oneInput, plain, prepare, rowsUpTo, values } from '../support.ts'

const files = {
  'x.csv': 'id,x,city\n7,1,Oslo\n8,2,Rome\n9.0,3,Oslo\n',
  'y.csv': 'id,y\n9,90\n70,-1\n7,70\n8,80\n1,10\n',
  'x.jsonl': '{"id": 7, "x": 1}\n{"id": 8, "x": 2}\n',
  'y.jsonl': '{"id": 8, "y": [1, 2]}\n{"id": 7, "y": [3, 4]}\n',
}
const spec = { type: 'csv', path: 'x.csv', join: { path: 'y.csv', on: 'id' }, target: 'y' }
const disk = { memory: '0.01 KB' }

describe('rows with further columns in another file', () => {
  it('get those of the row with the same key, in memory and on disk; the key is no feature', async () => {
    const directory = await folderOf(files)
    const options = { directory, seed: 0, portsFor: () => ({ inputs: oneInput(3), outputs: values(1) }) }
    const held = await prepareData(DataSpec.parse(spec), options)
    expect(plain(held.train.whole?.targets[0]?.data)).toEqual([70, 80, 90])
    expect(plain(held.train.whole?.inputs[0]?.data)).toEqual([1, 1, 0, 2, 0, 1, 3, 1, 0])
    const stored = await prepareData(DataSpec.parse({ ...spec, ...disk }), options)
    onTestFinished(() => stored.close())
    expect((await stored.train.window(rowsUpTo(3))).encoded).toEqual(held.train.whole)
    expect(stored.fingerprint).toBe(held.fingerprint)
    const other = await folderOf({ ...files, 'y.csv': files['y.csv'].replace('90', '91') })
    const changed = await prepareData(DataSpec.parse(spec), { ...options, directory: other })
    expect(changed.fingerprint).not.toBe(held.fingerprint)
  })

  it('are predicted without the other file', async () => {
    const directory = await folderOf({ ...files, 'new.csv': 'x,city\n5,Rome\n' })
    const { preprocessing } = await prepare(spec, { directory, inputs: oneInput(3), outputs: values(1) })
    const { encoded } = await newRows({ type: 'csv', path: 'new.csv' }, preprocessing, {
      directory,
      targets: false,
    })
    expect(plain(encoded.inputs[0]?.data)).toEqual([5, 0, 1])
  })

  it('may be in any format, each split in a file of its own', async () => {
    const directory = await folderOf(files)
    const path = { train: 'x.jsonl', test: 'x.jsonl' }
    const section = { ...spec, type: 'jsonl', path, join: { path: 'y.jsonl', on: 'id' } }
    const { train, test } = await readData(DataSpec.parse(section), { directory })
    for (const table of [train, test]) expect(table?.columns[2]?.values).toEqual(Float64Array.of(3, 4, 1, 2))
    const named = await namedFiles(DataSpec.parse(section), directory)
    expect(named.filter((name) => name.endsWith('y.jsonl'))).toHaveLength(1)
  })

  it.each([{}, disk])('lack values where the key is unknown: %j', async (memory) => {
    const directory = await folderOf({ ...files, 'y.csv': 'id,y\n8,80\n' })
    const options = { directory, inputs: oneInput(3), outputs: values(1) }
    const section = { ...spec, ...memory }
    await expect(prepare(section, options)).rejects.toThrow('x.csv:2: column "y" has no value')
    const { notes, spool } = await readData(DataSpec.parse(section), { directory })
    spool?.close()
    expect(notes).toEqual(['x.csv: 2 of 3 rows have a key that y.csv lacks'])
  })

  it.each([
    [
      'a key twice',
      { 'y.csv': 'id,y\n8,80\n9,1\n8,2\n' },
      'y.csv:4: the key "8" in column "id" is also that of y.csv:2',
    ],
    [
      'a column in both files',
      { 'y.csv': 'id,y,x\n8,80,1\n' },
      'data.join: "x" is a column of both x.csv and y.csv',
    ],
    ['no key', { 'y.csv': 'key,y\n8,80\n' }, 'y.csv: there is no column "id", which data.join.on names'],
  ])('are refused with %s', async (_, changed, message) => {
    const directory = await folderOf({ ...files, ...changed })
    await expect(readData(DataSpec.parse(spec), { directory })).rejects.toThrow(message)
  })
})
