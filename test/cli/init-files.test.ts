import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { encode } from 'fast-png'
import { expect, it } from 'vitest'

import { zipFile } from '../../src/exchange/keras/zip.ts'
import { idxFile } from '../table/formats/idx-file.ts'
import { folderOf, nnlab } from './support.ts'

/** Rows of two numbers, a category and the label, each line with its cells as `write` divides them. */
function tableOf(write: (cells: readonly (string | number)[], row: number) => string, header = true): string {
  const rows = Array.from({ length: 40 }, (_, i) => [
    i % 7,
    (i % 5) + 0.5,
    i % 3 ? 'red' : 'blue',
    i % 2 ? 'yes' : 'no',
  ])
  const lines = rows.map((cells, i) => write(cells, i + 1))
  return `${[...(header ? [write(['size', 'width', 'colour', 'sold'], 0)] : []), ...lines].join('\n')}\n`
}

function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, content]): [string, Buffer[]] => [
    name,
    [Buffer.from(content)],
  ])
  return Buffer.concat(zipFile(new Map(entries)))
}

const commas = tableOf((cells) => cells.join())
const jsonl = `${Array.from({ length: 40 }, (_, i) => JSON.stringify({ size: i % 7, sold: i % 2 ? 'yes' : 'no' })).join('\n')}\n`
const dollars = commas.replaceAll(/^(\d)/gm, '$$$1')

it.each<[string, string, string | Uint8Array]>([
  ['tabs in a .txt', 'rows.txt', tableOf((cells) => cells.join('\t'))],
  ['semicolons in a .dat', 'rows.dat', tableOf((cells) => cells.join(';'))],
  [
    'aligned columns',
    'rows.txt',
    tableOf((cells) => cells.map((cell) => String(cell).padStart(7)).join(' ')),
  ],
  [
    'what write.table of R writes',
    'rows.dat',
    tableOf((cells, row) => [...(row ? [row] : []), ...cells].map((cell) => `"${cell}"`).join(' ')),
  ],
  ['no header', 'rows.data', tableOf((cells) => cells.join(), false)],
  ['a name twice', 'rows.csv', commas.replace('width', 'size')],
  ['the sign of its fields', 'rows.csv', `sep=;\n${commas.replaceAll(',', ';')}`],
  ['gzip in a .csv', 'rows.csv', gzipSync(commas)],
  [
    'a zip with one table',
    'rows.zip',
    zipOf({ 'data/': '', 'data/rows.csv': commas, '__MACOSX/._rows.csv': 'x' }),
  ],
  ['a currency', 'rows.csv', dollars],
])('init, train and predict take a file with %s', async (_, name, content) => {
  const cwd = await folderOf({ [name]: content })
  expect(await nnlab(['init', '--data', name], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const trained = await nnlab(['train', '--quiet', '--set=fit.epochs=40', '--json'], { cwd })
  expect(trained, trained.stderr).toMatchObject({ code: 0 })
  const predicted = await nnlab(['predict', 'nnlab.yaml', name], { cwd })
  expect(predicted, predicted.stderr).toMatchObject({ code: 0 })
  expect(predicted.stdout.trim().split('\n')).toHaveLength(41)
})

const bytes = Array.from({ length: 40 * 4 }, (_, i) => (i * 37 + 90 * ((i >> 2) % 2)) % 256)
const idx = {
  'rows/train-images-idx3-ubyte': idxFile([40, 2, 2], bytes),
  'rows/train-labels-idx1-ubyte': idxFile(
    [40],
    Array.from({ length: 40 }, (_, i) => i % 2),
  ),
}
const own = {
  'rows/t10k-images-idx3-ubyte': idxFile([8, 2, 2], bytes.slice(0, 32)),
  'rows/t10k-labels-idx1-ubyte': idxFile([8], [0, 1, 0, 1, 0, 1, 0, 1]),
}
const texts = (split: string) =>
  Object.fromEntries(
    [...'0123456789'].map((i) => [`rows/${split}/kind ${Number(i) % 2}/${i}.txt`, `the word ${i}`]),
  )

it.each<[string, string, Record<string, string | Uint8Array>, string]>([
  ['a pair of files', 'rows/train-images-idx3-ubyte', idx, 'images: rows/train-images-idx3-ubyte'],
  ['a folder with test rows', 'rows', { ...idx, ...own }, 'split: {validation: 0.15, stratify: true}'],
  [
    'a folder for each split',
    'rows',
    { ...texts('Train'), ...texts('val') },
    'path: {train: rows/Train, validation: rows/val}',
  ],
])('init and train take %s', async (_, data, files, line) => {
  const cwd = await folderOf(files)
  expect(await nnlab(['init', '--data', data], { cwd })).toMatchObject({ code: 0, stderr: '' })
  expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain(line)
  expect(await nnlab(['train', '--quiet', '--set=fit.epochs=2'], { cwd })).toMatchObject({ code: 0 })
})

it('one-hot rows of a NumPy file are classes', async () => {
  const npy = (numbers: readonly number[], columns: number): Buffer => {
    const shape = `(${numbers.length / columns}, ${columns})`
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n'
    return Buffer.concat([
      Buffer.from('\x93NUMPY\x01\0\x76\0', 'latin1'),
      Buffer.from(header),
      Buffer.from(Float32Array.from(numbers).buffer),
    ])
  }
  const kinds = Array.from({ length: 60 }, (_, i) => (i * 7) % 3)
  const files = new Map([
    [
      'x.npy',
      [
        npy(
          kinds.flatMap((kind) => [kind, -kind]),
          2,
        ),
      ],
    ],
    [
      'y.npy',
      [
        npy(
          kinds.flatMap((kind) => [0, 1, 2].map((one) => Number(one === kind))),
          3,
        ),
      ],
    ],
  ])
  const cwd = await folderOf({ 'rows.npz': Buffer.concat(zipFile(files)) })
  expect(await nnlab(['init', '--data', 'rows.npz'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
  expect(config).toContain('Predicts "y" (one of 3 classes)')
  expect(await nnlab(['train', '--quiet', '--set=fit.epochs=2'], { cwd })).toMatchObject({ code: 0 })
})

it('a table of images is refused with the config that reads it', async () => {
  const cwd = await folderOf({ 'rows.csv': 'file,kind\na.png,x\nb.JPG,y\nc.jpeg,x\nd.png,y\n' })
  const { code, stderr } = await nnlab(['init', '--data', 'rows.csv', '--target', 'kind'], { cwd })
  expect(code).toBe(4)
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('image: file, target: kind}')
})

it.each([
  ['rows/*.csv', { 'rows/a.csv': commas, 'rows/b.csv': commas }, 'name: rows'],
  ['rows/*.gz', { 'rows/a.csv.gz': gzipSync(commas), 'rows/b.csv.gz': gzipSync(commas) }, 'name: rows'],
  ['rows?.jsonl', { 'rows1.jsonl': jsonl, 'rows2.jsonl': jsonl }, 'target: sold'],
  ['semicolons[1].csv', { 'semicolons[1].csv': commas.replaceAll(',', ';') }, 'delimiter: ;'],
])('init and train take the pattern %s', async (pattern, files, line) => {
  const cwd = await folderOf(files)
  expect(await nnlab(['init', '--data', pattern, '--target', 'sold'], { cwd })).toMatchObject({
    code: 0,
    stderr: '',
  })
  const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
  expect(config).toContain(line)
  expect(config).toContain(`of ${40 * Object.keys(files).length} rows`)
  expect(config).toContain(pattern)
  expect(await nnlab(['train', '--quiet', '--set=fit.epochs=2'], { cwd })).toMatchObject({ code: 0 })
})

it('a folder of tables is refused with the pattern that stands for them', async () => {
  const cwd = await folderOf({ 'rows/a.csv.gz': gzipSync(commas), 'rows/b.csv.gz': gzipSync(commas) })
  const { code, stderr } = await nnlab(['init', '--data', 'rows'], { cwd })
  expect([code, stderr]).toEqual([4, expect.stringContaining(`--data '${join(cwd, 'rows/*.csv.gz')}'`)])
})

it.each([
  ['Japanese', 'この商品は|とても良い|最高でした|悪い|壊れた|残念です|配送が|早くて|便利'],
  ['Chinese', '这个产品|非常好|质量差|很满意|不推荐|物流快|包装破损|值得购买'],
  ['Thai', 'สินค้าดี|คุณภาพแย่|ส่งเร็ว|ราคาแพง|ประทับใจ|แนะนำ|เสียหาย'],
])('init takes text without blanks between words: %s', async (_, phrases) => {
  const parts = phrases.split('|')
  const rows = Array.from({ length: 80 }, (_, i) => {
    const text = [0, 1, 2, 3].map((j) => parts[(i * (j + 3) + j * j + Math.trunc(i / 7)) % parts.length])
    return `${text.join('')}${i},${i % 2 ? 'yes' : 'no'}`
  })
  const cwd = await folderOf({ 'rows.csv': `text,kind\n${rows.join('\n')}\n` })
  expect(await nnlab(['init', '--data', 'rows.csv'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const config = await readFile(join(cwd, 'nnlab.yaml'), 'utf8')
  expect(config).toContain('split: character}  # the first 100 characters, as numbers')
  expect(await nnlab(['train', '--quiet', '--set=fit.epochs=2'], { cwd })).toMatchObject({ code: 0 })
})

it('a folder of images may hold texts, and pictures in other formats are said to be left out', async () => {
  const png = (i: number) =>
    encode({ width: 4, height: 4, data: new Uint8Array(48).fill(i), channels: 3, depth: 8 })
  const pictures = Array.from({ length: 24 }, (_, i) => [`pics/kind ${i % 2}/${i}.png`, png(i)] as const)
  const others = {
    'pics/README.txt': 'x',
    'pics/kind 0/notes.txt': 'x',
    'pics/kind 1/a.webp': 'x',
    'pics/more/b.HEIC': 'x',
  }
  const cwd = await folderOf({ ...Object.fromEntries(pictures), ...others })
  expect(await nnlab(['init', '--data', 'pics'], { cwd })).toMatchObject({ code: 0 })
  expect(await readFile(join(cwd, 'nnlab.yaml'), 'utf8')).toContain('type: images')
  const trained = await nnlab(['train', '--set=fit.epochs=1'], { cwd })
  const note = 'note: pics: left out 2 pictures (a.webp, b.HEIC): only .png and .jpg are read'
  expect([trained.code, trained.stderr]).toEqual([0, expect.stringContaining(note)])
  const predicted = await nnlab(['predict', 'runs/pics/001', 'pics'], { cwd })
  expect([predicted.code, predicted.stderr]).toEqual([0, expect.stringContaining(note)])
  expect(predicted.stdout.trim().split('\n')).toHaveLength(25)
})

it('a zip of several files is refused with their names', async () => {
  const cwd = await folderOf({ 'rows.zip': zipOf({ 'a.csv': commas, 'b.csv': commas }) })
  const { code, stderr } = await nnlab(['init', '--data', 'rows.zip'], { cwd })
  expect(code).toBe(4)
  expect(stderr).toContain('expected one file in the archive, found 2 files: a.csv, b.csv')
})
