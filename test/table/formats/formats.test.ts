import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeImage, resize, withChannels } from '../../../src/table/formats/image.ts'
import { ByteReader } from '../../../src/table/files/byte-reader.ts'
import { npyReader } from '../../../src/table/formats/npy.ts'
import { readImages } from '../../../src/table/formats/image-folders.ts'
import { readNpz } from '../../../src/table/formats/npz.ts'
import { readParquet } from '../../../src/table/formats/parquet.ts'
import { classes, folderOf, oneInput, plain, prepare } from '../../data/support.ts'
import type { TableReading } from '../../../src/table/columns/reading.ts'
import type { Column } from '../../../src/table/table.ts'

type Golden = {
  npy: Record<string, string>
  fortran: string
  texts: string
  bytes: string
  objects: string
  npz: string
  compressed: string
  parquet: Record<string, string>
  picture: number[][][]
  png: string
  gray_png: string
  jpeg: string
  resized: { size: [number, number]; pixels: number[] }[]
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/formats.json', import.meta.url), 'utf8'))
const decode = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const valuesOf = (column: Column | undefined): (number | string)[] => [...(column?.values ?? [])]

async function readNpy(text = ''): Promise<Column> {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(decode(text))
  }
  const reader = await npyReader(new ByteReader(bytes()), 'x', 'x.npy')
  const column = await reader.read(reader.rows)
  await reader.finish?.()
  return column
}

describe('an .npy file', () => {
  it.each(Object.keys(golden.npy))('of type %s gives the numbers that NumPy wrote', async (type) => {
    const column = await readNpy(golden.npy[type])
    expect(column).toMatchObject({ kind: 'array', shape: [3] })
    expect(valuesOf(column)).toEqual(type === '|b1' ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5])
  })

  it('may have its first axis fastest', async () => {
    const column = await readNpy(golden.fortran)
    expect(column).toMatchObject({ shape: [3, 4] })
    expect(valuesOf(column)).toEqual(Array.from({ length: 24 }, (_, i) => i))
  })

  it('may hold texts', async () => {
    expect(valuesOf(await readNpy(golden.texts))).toEqual(['a', 'bc', 'é☃'])
    expect(valuesOf(await readNpy(golden.bytes))).toEqual(['a', 'bc'])
  })

  it('may not hold objects', async () => {
    await expect(readNpy(golden.objects)).rejects.toThrow("x.npy: arrays of NumPy's type O are not supported")
  })
})

describe('an .npz file', () => {
  it('gives its arrays as columns', async () => {
    const directory = await folderOf({ 'a.npz': decode(golden.npz) })
    const { train } = await readNpz({ train: ['a.npz'], validation: [], test: [] }, { directory })
    expect(train.columns).toEqual([
      { kind: 'array', name: 'x', shape: [3], values: Float32Array.of(0, 1, 2, 3, 4, 5) },
      { kind: 'number', name: 'y', values: Float64Array.of(0, 1) },
    ])
  })

  it('may hold splits, as those of Keras do', async () => {
    const directory = await folderOf({ 'a.npz': decode(golden.compressed) })
    const { train, test } = await prepare(
      { type: 'npz', path: 'a.npz', target: 'y' },
      { directory, inputs: oneInput(2), outputs: classes(2) },
    )
    expect(train.inputs[0]?.data).toEqual(new Uint8Array(6))
    expect(plain(train.targets[0]?.data)).toEqual([0, 1, 1])
    expect(test?.inputs[0]?.data).toEqual(new Uint8Array(4).fill(1))
  })
})

describe('a Parquet file', () => {
  it.each(Object.keys(golden.parquet))(
    'with compression %s gives the columns that pandas wrote',
    async (kind) => {
      const directory = await folderOf({ 'a.parquet': decode(golden.parquet[kind] ?? '') })
      const { columns, rows } = await readParquet('a.parquet', { directory })
      expect(rows).toBe(4)
      expect(columns.map(({ name }) => name)).toEqual(['x', 'n', 'flag', 'city', 'v'])
      expect(columns.map(valuesOf)).toEqual([
        [1.5, NaN, -3.25, 4],
        [1, 2, 3, 2 ** 40],
        [1, 0, 1, 1],
        ['Oslo', 'Rome', '', 'Oslo'],
        [1, 2, 3, 4, 5, 6, 7, 8],
      ])
      expect(columns[4]).toMatchObject({ kind: 'array', shape: [2] })
    },
  )
})

describe('images', () => {
  it('are decoded from PNG and JPEG', async () => {
    const pixels = golden.picture.flat(2)
    expect(Array.from((await decodeImage(decode(golden.png), 'a.png')).pixels)).toEqual(pixels)
    const gray = await decodeImage(decode(golden.gray_png), 'a.png')
    expect(gray).toMatchObject({ width: 7, height: 5, channels: 1 })
    expect(Array.from(gray.pixels)).toEqual(golden.picture.flatMap((row) => row.map(([red]) => red)))
    const jpeg = await decodeImage(decode(golden.jpeg), 'a.jpg')
    expect(jpeg).toMatchObject({ width: 8, height: 8, channels: 3 })
    for (const [i, wanted] of [200, 100, 50].entries()) {
      expect(Math.abs((jpeg.pixels[i] ?? 0) - wanted)).toBeLessThanOrEqual(3)
    }
  })

  it.each(golden.resized)(
    'are resized to $size as by TensorFlow',
    async ({ size: [height, width], pixels }) => {
      const resized = resize(await decodeImage(decode(golden.png), 'a.png'), height, width)
      expect(resized).toHaveLength(pixels.length)
      for (const [i, pixel] of pixels.entries())
        expect(Math.abs((resized[i] ?? 0) - pixel)).toBeLessThan(0.502)
    },
  )

  it('become gray by their luma, and gray ones become colored', () => {
    const image = { width: 2, height: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0, 10, 20, 30) }
    expect(withChannels(image, 1).pixels).toEqual(Uint8Array.of(76, 18))
    const gray = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(1, 2) }
    expect(withChannels(gray, 3).pixels).toEqual(Uint8Array.of(1, 1, 1, 2, 2, 2))
  })

  it('are labeled with the names of their folders', async () => {
    const directory = await folderOf({})
    for (const [folder, name, image] of [
      ['dogs', '1.JPG', golden.jpeg],
      ['cats', '2.png', golden.png],
      ['cats', '1.png', golden.gray_png],
    ] as const) {
      await mkdir(join(directory, folder), { recursive: true })
      await writeFile(join(directory, folder, name), decode(image))
    }
    await writeFile(join(directory, 'cats', 'notes.txt'), '')
    await cp(join(directory, 'cats'), join(directory, '.ipynb_checkpoints'), { recursive: true })
    const table = await readImages('.', { size: [4, 3], channels: 1 }, { directory })
    expect(table.columns).toMatchObject([{ shape: [4, 3, 1] }, { values: ['cats', 'cats', 'dogs'] }])
    expect(table.place(2)).toBe('dogs/1.JPG')
    await expect(readImages('cats', { size: [4, 3], channels: 3 }, { directory })).rejects.toThrow(
      'cats: there are no folders of .png or .jpg files in it',
    )
  })
})

describe('several files', () => {
  const spec = { type: 'csv' as const, target: 'y' }
  const ports = { inputs: oneInput(1), outputs: classes(2) }

  it('keep the notes on each', async () => {
    const directory = await folderOf({ 'a.csv': 'x,y\n1,0\n2,1\n', 'b.csv': 'x,y\n3,0\nx,y\n4,1\n' })
    const { notes } = await prepare({ ...spec, path: '*.csv' }, { directory, ...ports })
    expect(notes).toEqual(['b.csv: the header is repeated in 1 line, left out'])
  })

  it.each([
    [9, 9],
    [40, 9],
  ])('keep few notes of %d', async (files, shown) => {
    const names = Array.from({ length: files }, (_, i) => `${i}.csv`)
    const text = 'x,y\n3,0\nx,y\n4,1\n'
    const directory = await folderOf(Object.fromEntries(names.map((name) => [name, text])))
    const { notes } = await prepare({ ...spec, path: '*.csv' }, { directory, ...ports })
    expect(notes).toHaveLength(shown)
    expect(notes?.at(-1)).toBe(
      files === 9 ? '8.csv: the header is repeated in 1 line, left out' : '32 more notes on files like these',
    )
  })

  it('are joined in order, those of a pattern by name; compressed or not', async () => {
    const directory = await folderOf({ 'b.csv': 'x,y\n3,0\n', 'a.csv.gz': gzipSync('y,x\n1,1\n0,2\n') })
    for (const path of ['*.csv*', ['a.csv.gz', 'b.csv']]) {
      const { train } = await prepare({ ...spec, path }, { directory, ...ports })
      expect(plain(train.inputs[0]?.data)).toEqual([1, 2, 3])
      expect(plain(train.targets[0]?.data)).toEqual([1, 0, 0])
    }
  })

  it('may be those of the splits', async () => {
    const directory = await folderOf({ a: 'x,y\n1,0\n2,1\n', b: 'x,y\n3,0\n', c: 'x,y\n5,1\n' })
    const path = { train: 'a', validation: 'b', test: ['c'] }
    const prepared = await prepare({ ...spec, path }, { directory, ...ports })
    const { train, validation, test } = prepared
    expect([train, validation, test].map((part) => plain(part?.inputs[0]?.data))).toEqual([[1, 2], [3], [5]])
  })

  it('must have the same columns, and are named where one has not', async () => {
    const directory = await folderOf({
      'a.csv': 'x,y\n1,0\n2,1\n',
      'b.csv': 'x,z\n3,0\n',
      'c.csv': 'x,y\n1,0\nw,1\n',
    })
    await expect(prepare({ ...spec, path: ['a.csv', 'b.csv'] }, { directory, ...ports })).rejects.toThrow(
      'b.csv: its columns are not those of a.csv: it lacks y and also has z',
    )
    await expect(prepare({ ...spec, path: ['a.csv', 'c.csv'] }, { directory, ...ports })).rejects.toThrow(
      'c.csv:3: "w" in column "x" is not a finite number',
    )
    await expect(prepare({ ...spec, path: 'no*.csv' }, { directory, ...ports })).rejects.toThrow(
      'no*.csv: no file matches this pattern',
    )
  })
})

describe('a pipe', () => {
  it.skipIf(process.platform === 'win32')('is read once, like a file', async () => {
    const directory = await folderOf({
      'rows.npz': decode(golden.npz),
      'rows.parquet': decode(golden.parquet['snappy'] ?? ''),
    })
    const readArrays = (path: string, reading: TableReading) =>
      readNpz({ train: [path], validation: [], test: [] }, reading)
    for (const [name, read] of [
      ['rows.npz', readArrays],
      ['rows.parquet', readParquet],
    ] as const) {
      const pipe = join(directory, `${name}.pipe`)
      execFileSync('mkfifo', [pipe])
      const written = writeFile(pipe, await readFile(join(directory, name)))
      const hash = createHash('sha256')
      await read(pipe, { directory, fingerprint: hash })
      await written
      expect(hash.digest('hex')).toBe(
        createHash('sha256')
          .update(await readFile(join(directory, name)))
          .digest('hex'),
      )
    }
  })
})
