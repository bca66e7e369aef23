import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../../src/errors.ts'
import { classes, folderOf, newRows, oneInput, plain, prepare, values } from '../support.ts'
import type { RowsSource } from '../../../src/data/prepare/new-rows.ts'

/** Trains on nothing: prepares `rows.csv` and then reads `content` as new rows. */
async function replay(
  content: string,
  { training, spec = {}, source, targets = false, width = 3 }: Replay = {},
) {
  const directory = await folderOf({ 'rows.csv': training ?? trained, new: content })
  const { preprocessing } = await prepare(
    { type: 'csv', path: 'rows.csv', target: 'label', ...spec },
    { directory, inputs: oneInput(width), outputs: classes(2) },
  )
  return newRows({ ...(source ?? { type: 'csv' }), path: 'new' }, preprocessing, { directory, targets })
}

type Replay = {
  training?: string
  spec?: object
  source?: { type: 'jsonl' }
  targets?: boolean
  width?: number
}

const trained = 'x,city,label\n1,Oslo,no\n2,Rome,yes\n3,Oslo,no\n'
const expected = [2, 0, 1, 3, 1, 0]

describe('new rows', () => {
  it('need no target, and may have columns in any order and columns of their own', async () => {
    for (const content of [
      'x,city\n2,Rome\n3,Oslo\n',
      'city,label,x\nRome,,2\nOslo,what,3\n',
      'id,city,x\na,Rome,2\nb,Oslo,3\n',
    ]) {
      const { encoded } = await replay(content)
      expect(plain(encoded.inputs[0]?.data)).toEqual(expected)
      expect(encoded.targets).toEqual([])
    }
  })

  it('may be jsonl', async () => {
    const content = '{"city": "Rome", "x": 2}\n{"x": 3, "city": "Oslo"}\n'
    const { encoded } = await replay(content, { source: { type: 'jsonl' } })
    expect(plain(encoded.inputs[0]?.data)).toEqual(expected)
  })

  it('may come from standard input', async () => {
    const directory = await folderOf({ 'rows.csv': trained })
    const { preprocessing } = await prepare(
      { type: 'csv', path: 'rows.csv', target: 'label', features: { unseen: 'error' } },
      { directory, inputs: oneInput(3), outputs: classes(2) },
    )
    async function* stdin() {
      yield new TextEncoder().encode('x,city\n2,Par')
      yield new TextEncoder().encode('is\n')
    }
    await expect(
      newRows({ type: 'csv', path: '-' }, preprocessing, { directory, stdin: stdin(), targets: false }),
    ).rejects.toThrow(
      '<stdin>:2: "Paris" in column "city" is not one of the 2 values of the training split: Oslo, Rome',
    )
  })

  it('are scaled as the training rows were', async () => {
    const spec = { features: { columns: ['x'], scale: 'min_max' } }
    const { encoded } = await replay('x\n5\n', { spec, width: 1 })
    expect(plain(encoded.inputs[0]?.data)).toEqual([2])
  })

  it('share the delimiter and the missing header of the training file', async () => {
    const spec = { delimiter: ';', header: false, target: 'column_2' }
    const training = '1;no;5\n2;yes;6\n'
    for (const content of ['7;8\n', '7;no;8\n']) {
      const { encoded } = await replay(content, { spec, training, width: 2 })
      expect(plain(encoded.inputs[0]?.data)).toEqual([7, 8])
    }
    await expect(replay('7\n', { spec, training, width: 2 })).rejects.toThrow(
      'new:1: 1 field where 3 or 2 were expected',
    )
  })

  it('bring their targets for an evaluation', async () => {
    const { encoded } = await replay('label,city,x\nyes,Rome,2\nno,Oslo,3\n', { targets: true })
    expect(plain(encoded.targets[0]?.data)).toEqual([1, 0])
    await expect(replay('city,x\nRome,2\n', { targets: true })).rejects.toThrow(
      'new: the column "label" is missing, which the model is compared with; the file has city, x',
    )
    await expect(replay('label,city,x\nmaybe,Rome,2\n', { targets: true })).rejects.toThrow(
      'new:2: "maybe" in column "label" is not one of the 2 classes: no, yes',
    )
  })

  it('must have every feature', async () => {
    await expect(replay('X,town\n2,Rome\n')).rejects.toMatchObject({
      message: 'new: the columns x, city are missing, which the model was trained on; the file has X, town',
      hint: 'is "X" the column "x"?',
    })
  })

  it('must have numbers where the training rows had', async () => {
    await expect(replay('x,city\ntwo,Rome\n')).rejects.toThrow(
      'new:2: "two" in column "x" is not a finite number',
    )
  })

  it('are treated for missing values as the training rows were', async () => {
    const content = 'x,city\n2,Rome\n,Oslo\n4,\n'
    await expect(replay(content)).rejects.toThrow('new:3: column "x" has no value')
    const filled = await replay(content, { spec: { missing: 'mean' } })
    expect(plain(filled.encoded.inputs[0]?.data)).toEqual([2, 0, 1, 2, 1, 0, 4, 0, 0])
    const dropped = await replay(content, { spec: { missing: 'drop' } })
    expect(dropped.encoded.sourceRow).toEqual(Uint32Array.of(0))
    expect(dropped.notes).toEqual(['2 of 3 rows have missing values and were dropped'])
  })

  it('take sample weights along when they are evaluated and have them', async () => {
    const training = 'x,w,label\n1,2,no\n2,1,yes\n'
    const options = { training, spec: { sample_weight: 'w' }, width: 1, targets: true }
    expect((await replay('x,w,label\n1,3,no\n', options)).encoded.sampleWeight).toEqual(Float32Array.of(3))
    expect((await replay('x,label\n1,no\n', options)).encoded).not.toHaveProperty('sampleWeight')
  })
})

describe('new rows for a model of arrays', () => {
  const xor = async () =>
    (
      await prepare(
        {
          type: 'inline',
          inputs: [
            [0, 0],
            [0, 1],
            [1, 0],
            [1, 1],
          ],
          targets: [[0], [1], [1], [0]],
        },
        { inputs: oneInput(2), outputs: values(1) },
      )
    ).preprocessing
  const read = async (content: string, source: RowsSource = { type: 'csv', path: 'new' }, targets = false) =>
    (await newRows(source, await xor(), { directory: await folderOf({ new: content }), targets })).encoded

  it('may be columns of numbers, with or without a header', async () => {
    expect(plain((await read('0,1\n1,1\n')).inputs[0]?.data)).toEqual([0, 1, 1, 1])
    expect(plain((await read('a,b\n0,1\n1,1\n')).inputs[0]?.data)).toEqual([0, 1, 1, 1])
    const evaluated = await read('a,b,targets\n0,1,1\n', undefined, true)
    expect(plain(evaluated.targets[0]?.data)).toEqual([1])
  })

  it('may be arrays in jsonl', async () => {
    const encoded = await read('{"inputs": [0, 1]}\n', { type: 'jsonl', path: 'new' })
    expect(plain(encoded.inputs[0]?.data)).toEqual([0, 1])
  })

  it('must have as many numbers', async () => {
    await expect(read('a,b,c\n0,1,1\n')).rejects.toThrow(
      'new: the model was trained on 2 numbers per row, but the file has 3 columns: a, b, c',
    )
    await expect(read('{"inputs": [0, 1, 2]}\n', { type: 'jsonl', path: 'new' })).rejects.toThrow(
      'new: "inputs" holds 3 numbers per row, but the model was trained on 2',
    )
    await expect(read('a,b\n0,\n')).rejects.toThrow(DataError)
  })

  it('may be an IDX file where images were', async () => {
    const image = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 3, 255)
    const label = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 1)
    const directory = await folderOf({ image, label, 'image.gz': gzipSync(image), 'rows.csv': '3,255\n' })
    const { preprocessing } = await prepare(
      { type: 'idx', images: 'image', labels: 'label', features: { scale: { divide: 255 } } },
      { directory, inputs: oneInput(1, 2, 1), outputs: classes(2) },
    )
    const predicted = await newRows({ type: 'idx', path: 'image.gz' }, preprocessing, {
      directory,
      targets: false,
    })
    expect(predicted.encoded.inputs[0]).toMatchObject({
      shape: [1, 2, 1],
      data: Uint8Array.of(3, 255),
      scale: { multiply: 1 / 255 },
    })
    const evaluated = await newRows({ type: 'idx', path: 'image', labels: 'label' }, preprocessing, {
      directory,
      targets: true,
    })
    expect(plain(evaluated.encoded.targets[0]?.data)).toEqual([1])
    const fromCsv = await newRows({ type: 'csv', path: 'rows.csv' }, preprocessing, {
      directory,
      targets: false,
    })
    expect(plain(fromCsv.encoded.inputs[0]?.data)).toEqual(plain([3 / 255, 1]))
  })
})
