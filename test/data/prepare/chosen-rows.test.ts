import { describe, expect, it, onTestFinished } from 'vitest'
import { readData } from '../../../src/data/prepare/read-data.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { folderOf, newRows, oneInput, plain, prepare, values } from '../support.ts'

const rows = [
  'id,country,age,when,member,y',
  '1,NO,17,2023-12-30,True,1',
  '2,SE,18,2023-12-31T23:30:00,False,2',
  '3,NO,40,2024-01-01,True,3',
  '4,,,,True,4',
  '5,DK,65,2024-06-01,False,5',
]
const file = { 'rows.csv': rows.join('\n') + '\n' }

async function chosen(keys: object, directory: string): Promise<number[]> {
  const spec = DataSpec.parse({ type: 'csv', path: 'rows.csv', target: 'y', ...keys })
  const { train, spool } = await readData(spec, { directory })
  onTestFinished(() => spool?.close())
  return Array.from(train.columns[0]?.values ?? [], Number)
}

describe.each([
  ['in memory', {}],
  ['on disk', { memory: '0.01 KB' }],
])('rows %s', (_, memory) => {
  it.each([
    ['a string', { country: 'NO' }, [1, 3]],
    ['a list', { country: ['NO', 'DK'] }, [1, 3, 5]],
    ['a number', { age: 40 }, [3]],
    ['a truth value, as any program writes it', { member: true }, [1, 3, 4]],
    ['a smallest number', { age: { min: 18 } }, [2, 3, 5]],
    ['a range', { age: { min: 18, max: 40 } }, [2, 3]],
    ['a last day, which belongs to it whole', { when: { max: '2023-12-31' } }, [1, 2]],
    ['a time', { when: { max: '2023-12-31T12:00:00' } }, [1]],
    ['a first date', { when: { min: '2024-01-01' } }, [3, 5]],
    ['a value to leave out', { country: { not: 'NO' } }, [2, 4, 5]],
    ['values to leave out', { country: { not: ['NO', 'DK'] } }, [2, 4]],
    ['several columns', { country: 'NO', age: { min: 18 } }, [3]],
  ])('are chosen by %s', async (_, where, ids) => {
    expect(await chosen({ ...memory, where }, await folderOf(file))).toEqual(ids)
  })

  it('are limited after they are chosen', async () => {
    expect(await chosen({ ...memory, where: { age: { min: 18 } }, limit: 2 }, await folderOf(file))).toEqual([
      2, 3,
    ])
  })
})

it('windows find few rows of a large table in memory', async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `${i},${i % 2},${i}`)
  const directory = await folderOf({ 'rows.csv': `t,odd,y\n${lines.join('\n')}\n` })
  const spec = {
    type: 'csv',
    path: 'rows.csv',
    target: 'y',
    window: { steps: 2 },
    features: { columns: ['t'] },
  }
  const options = { directory, inputs: oneInput(2, 1), outputs: values(1) }
  const of = (keys: object) => prepare({ ...spec, memory: '8 KB', ...keys }, options)
  await expect(of({})).rejects.toThrow('windows need their rows in memory')
  for (const keys of [{ limit: 40 }, { where: { t: { max: 39 } } }]) {
    const { train } = await of(keys)
    expect([...train.sourceRow]).toEqual(Array.from({ length: 38 }, (_, i) => i + 2))
    expect(plain(train.inputs[0]?.data.slice(-2))).toEqual([37, 38])
  }
})

it('says what a condition leaves', async () => {
  const spec = { type: 'csv', path: 'rows.csv', target: 'y', features: { columns: ['age'] } }
  const options = { directory: await folderOf(file), inputs: oneInput(1), outputs: values(1) }
  const { notes } = await prepare({ ...spec, where: { age: { min: 18 } }, limit: 2 }, options)
  expect(notes).toEqual([
    'rows.csv: 3 of 5 rows meet data.where',
    'rows.csv: the first 2 of 3 rows are used, as data.limit says',
  ])
})

it.each([
  [{ country: 'FI' }, 'rows.csv: no row meets data.where.country'],
  [{ country: 'SE', age: 17 }, 'rows.csv: no row meets all of data.where: country, age'],
  [{ nation: 'NO' }, 'rows.csv: there is no column "nation", which data.where names'],
])('refuses conditions that no row meets: %j', async (where, message) => {
  await expect(chosen({ where }, await folderOf(file))).rejects.toThrow(message)
})

it('forgets a field that is no number where its row is left out, and names the first that is left', async () => {
  const lines = ['kind,x,y', 'a,1,1', 'b,oops,2', 'a,3,3', 'c,bad,1', 'a,4,2']
  const directory = await folderOf({ 'rows.csv': lines.join('\n') })
  const spec = { type: 'csv', path: 'rows.csv', target: 'y', features: { columns: ['x'] } }
  const options = { directory, inputs: oneInput(1), outputs: values(1) }
  for (const memory of [{}, { memory: '0.01 KB' }]) {
    const of = (where: object) => prepare({ ...spec, ...memory, where }, options)
    if (!('memory' in memory)) expect((await of({ kind: 'a' })).train.rows).toBe(3)
    await expect(of({ kind: ['a', 'b'] })).rejects.toThrow('rows.csv:3: "oops" in column "x"')
    await expect(of({ kind: ['a', 'c'] })).rejects.toThrow('rows.csv:5: a value in column "x"')
  }
})

it('leaves new rows of a trained model as they are', async () => {
  const directory = await folderOf(file)
  const spec = { type: 'csv', path: 'rows.csv', target: 'y', features: { columns: ['id'] } }
  const options = { directory, inputs: oneInput(1), outputs: values(1) }
  const { preprocessing } = await prepare({ ...spec, where: { country: 'NO' }, limit: 1 }, options)
  const { encoded } = await newRows({ type: 'csv', path: 'rows.csv' }, preprocessing, {
    directory,
    targets: false,
  })
  expect(encoded.rows).toBe(5)
})

it('takes as many images of each class as of the others', async () => {
  const { mkdir, writeFile } = await import('node:fs/promises')
  const { encode } = await import('fast-png')
  const directory = await folderOf({})
  for (const label of ['a', 'b', 'c']) {
    await mkdir(`${directory}/${label}`)
    for (const n of [1, 2, 3]) {
      const png = encode({ width: 1, height: 1, channels: 1, data: new Uint8Array([n]) })
      await writeFile(`${directory}/${label}/${n}.png`, png)
    }
  }
  const spec = DataSpec.parse({ type: 'images', path: '.', image_size: [1, 1], limit: 5 })
  const { train } = await readData(spec, { directory })
  expect(train.columns[1]?.values).toEqual(['a', 'a', 'b', 'b', 'c'])
})
