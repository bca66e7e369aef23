import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inferPorts } from '../../../src/data/inspect/infer-ports.ts'
import { prepareData } from '../../../src/data/prepare/prepare.ts'
import { readData } from '../../../src/data/prepare/read-data.ts'
import { sources } from '../../../src/components/sources/index.ts'
import { DataError } from '../../../src/errors.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import {
  classes,
  folderOf,
  newRows,
  oneInput,
  openIn,
  prepare,
  readSource,
  rowsUpTo,
  values,
} from '../../data/support.ts'
import type { WrittenData } from '../../data/support.ts'
import type { Preprocessing } from '../../../src/runtime/preprocessing.ts'
import type { RowsSource } from '../../../src/data/prepare/new-rows.ts'

type Golden = { npz: string; png: string; gray_png: string; jpeg: string; parquet: Record<string, string> }
const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/formats.json', import.meta.url), 'utf8'))
const decode = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64')

type Case = {
  spec: WrittenData
  files: Record<string, Buffer>
  inputs: ReturnType<typeof oneInput>
  outputs: Parameters<typeof prepare>[1]['outputs']
  /** The training rows as new rows of a trained model. */
  again: RowsSource
  /** What messages call the rows; default: again.path. */
  called?: string
}

const images = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8])
const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 1, 0])
const table = Buffer.from('x,city,y\n1,Oslo,no\n2,Rome,yes\n3.5,Oslo,no\n')
const scaled = { scale: 'standard' as const }
const iris = fileURLToPath(new URL('../../../configs/data/iris.csv', import.meta.url))

const cases: Record<string, Case> = {
  inline: {
    spec: {
      type: 'inline',
      inputs: [
        [0, 1],
        [1, 1],
      ],
      targets: [0, 1],
      features: scaled,
    },
    files: {
      'rows.jsonl': Buffer.from('{"inputs": [0, 1], "targets": 0}\n{"inputs": [1, 1], "targets": 1}\n'),
    },
    inputs: oneInput(2),
    outputs: classes(2),
    again: { type: 'jsonl', path: 'rows.jsonl' },
  },
  csv: {
    spec: { type: 'csv', path: 'rows.csv', target: 'y', features: scaled },
    files: { 'rows.csv': table },
    inputs: oneInput(3),
    outputs: classes(2),
    again: { type: 'csv', path: 'rows.csv' },
  },
  'csv, compressed, in two files': {
    spec: { type: 'csv', path: 'part*.csv.gz', target: 'y', features: scaled },
    files: { 'part1.csv.gz': gzipSync(table), 'part2.csv.gz': gzipSync(table) },
    inputs: oneInput(3),
    outputs: classes(2),
    again: { type: 'csv', path: 'part{1,2}.csv.gz' },
    called: 'part1.csv.gz and 1 more',
  },
  jsonl: {
    spec: { type: 'jsonl', path: 'rows.jsonl', target: 'y', features: scaled },
    files: { 'rows.jsonl': Buffer.from('{"x": [1, 2], "y": "a"}\n{"x": [3, 5], "y": "b"}\n') },
    inputs: oneInput(2),
    outputs: classes(2),
    again: { type: 'jsonl', path: 'rows.jsonl' },
  },
  parquet: {
    spec: {
      type: 'parquet',
      path: 'rows.parquet',
      target: 'flag',
      features: { ...scaled, columns: ['n', 'v'] },
    },
    files: { 'rows.parquet': decode(golden.parquet['snappy']) },
    inputs: oneInput(3),
    outputs: classes(1),
    again: { type: 'parquet', path: 'rows.parquet' },
  },
  npz: {
    spec: { type: 'npz', path: 'rows.npz', target: 'y', features: scaled },
    files: { 'rows.npz': decode(golden.npz) },
    inputs: oneInput(3),
    outputs: values(1),
    again: { type: 'npz', path: 'rows.npz' },
  },
  idx: {
    spec: { type: 'idx', images: 'images', labels: 'labels', features: scaled },
    files: { images: gzipSync(images), labels },
    inputs: oneInput(2, 2, 1),
    outputs: classes(2),
    again: { type: 'idx', path: 'images', labels: 'labels' },
  },
  'idx, a folder': {
    spec: { type: 'idx', folder: 'mnist', features: scaled },
    files: { 'mnist/train-images-idx3-ubyte': images, 'mnist/train-labels-idx1-ubyte': labels },
    inputs: oneInput(2, 2, 1),
    outputs: classes(2),
    again: { type: 'idx', path: 'mnist' },
    called: 'mnist/train-images-idx3-ubyte',
  },
  texts: {
    spec: {
      type: 'texts',
      path: 'reviews',
      features: { transforms: { text: { type: 'tokens', output_sequence_length: 4 } } },
    },
    files: {
      'reviews/bad/1.txt': Buffer.from('a dull story\n'),
      'reviews/bad/2.txt': Buffer.from('dull, and long\n'),
      'reviews/good/1.txt': Buffer.from('a story\nthat is told well\n'),
    },
    inputs: oneInput(4),
    outputs: classes(2),
    again: { type: 'texts', path: 'reviews' },
  },
  images: {
    spec: { type: 'images', path: 'photos', image_size: [4, 4], features: scaled },
    files: {
      'photos/cats/1.png': decode(golden.png),
      'photos/cats/2.png': decode(golden.gray_png),
      'photos/dogs/1.jpg': decode(golden.jpeg),
    },
    inputs: oneInput(4, 4, 3),
    outputs: classes(2),
    again: { type: 'images', path: 'photos' },
  },
  'images, in the rows of a csv file': {
    spec: {
      type: 'images',
      path: 'photos',
      table: { path: 'photos/prices.csv', image: 'file', target: 'price' },
      image_size: [4, 4],
      target: scaled,
    },
    files: {
      'photos/prices.csv': Buffer.from('price,file,y\n10,1.png,1\n30,more/2.png,1\n'),
      'photos/1.png': decode(golden.png),
      'photos/more/2.png': decode(golden.gray_png),
    },
    inputs: oneInput(4, 4, 3),
    outputs: values(1),
    again: { type: 'images', path: 'photos/prices.csv' },
  },
  dataset: {
    spec: { type: 'dataset', name: 'iris', features: scaled },
    files: {},
    inputs: oneInput(4),
    outputs: classes(3),
    again: { type: 'csv', path: iris },
  },
}

async function write(files: Case['files']): Promise<string> {
  const directory = await folderOf({})
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content)
  }
  return directory
}

/** The message of the DataError that reading fails with. */
async function messageOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => 'nothing failed',
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(DataError)
  return error instanceof Error ? error.message : ''
}

/** A file that something is wrong with; undefined is one that is not there. */
function faults(content: Buffer): Record<string, Buffer | undefined> {
  const middle = content.length >> 1
  return {
    missing: undefined,
    empty: Buffer.alloc(0),
    truncated: content.subarray(0, middle),
    'cut off at its end': content.subarray(0, -1),
    'too long': Buffer.concat([content, content]),
    damaged: Buffer.from(content).fill(0xff, middle, middle + 4),
    'a header alone': content.subarray(0, 12),
    'of another kind': Buffer.from('\0\x01\x02\xff'.repeat(1000), 'latin1'),
    'in another encoding': Buffer.from(content.toString('latin1'), 'utf16le'),
    'damaged gzip': gzipSync(content).fill(0xff, 12, 20),
    'truncated gzip': gzipSync(content).subarray(0, -8),
    'the start of gzip': gzipSync(content).subarray(0, 4),
  }
}

function checkSource({ spec, files, inputs, outputs, again, called = again.path }: Case): void {
  const portsFor = () => ({ inputs, outputs })
  const trained = async (directory: string) =>
    prepare({ ...spec, split: { validation: 0, test: 0 } }, { directory, inputs, outputs })

  it('gives columns of as many values as it has rows, and knows where each came from', async () => {
    const directory = await write(files)
    const { train } = await readSource(spec, { directory })
    expect(train.rows).toBeGreaterThan(1)
    for (const column of train.columns) {
      const size = column.kind === 'array' ? column.shape.reduce((a, b) => a * b, 1) : 1
      expect(column.values.length).toBe(train.rows * size)
    }
    const places = Array.from({ length: train.rows }, (_, row) => train.place(row))
    expect(new Set(places).size).toBe(train.rows)
  })

  it('gives the same rows and fingerprint where memory has no room for them', async () => {
    const directory = await write(files)
    const options = { directory, portsFor, seed: 0 }
    const rowsWith = async (keys: object) => {
      const data = await prepareData(DataSpec.parse({ ...spec, split: {}, ...keys }), options)
      onTestFinished(() => data.close())
      return data
    }
    const held = await rowsWith({})
    if (spec.type === 'inline') return
    const stored = await rowsWith({ memory: '0.01 KB' })
    expect(stored.train.whole).toBeUndefined()
    expect(stored.fingerprint).toBe(held.fingerprint)
    expect(stored.preprocessing).toEqual(held.preprocessing)
    const { encoded } = await stored.train.window(rowsUpTo(stored.train.rows))
    expect(encoded).toEqual(held.train.whole)
  })

  it('is limited to its first rows, in memory and on disk, which the fingerprint tells', async () => {
    const directory = await write(files)
    const read = async (keys: object) => {
      const fingerprint = createHash('sha256')
      const data = await readData(DataSpec.parse({ ...spec, ...keys }), { directory, fingerprint })
      onTestFinished(() => data.spool?.close())
      return { table: data.train, fingerprint: fingerprint.digest('hex') }
    }
    const all = await read({})
    for (const keys of [{}, ...(spec.type === 'inline' ? [] : [{ memory: '0.01 KB' }])]) {
      const limited = await read({ ...keys, limit: 1 })
      expect(limited.table.rows).toBe(1)
      expect(limited.table.place(0)).toBe(all.table.place(0))
      expect(limited.fingerprint).not.toBe(all.fingerprint)
      for (const [i, { values }] of limited.table.columns.entries())
        expect(values).toEqual(all.table.columns[i]?.values.slice(0, values.length))
    }
  })

  it('gives the input itself as a target, in memory, on disk and for new rows', async () => {
    const directory = await write(files)
    const { targets: _, ...others } = spec
    const section = { ...(spec.type === 'inline' ? others : spec), target: { same_as: 'input' }, split: {} }
    const options = { directory, portsFor: inferPorts, seed: 0 }
    const held = await prepareData(DataSpec.parse(section), options)
    const [input] = held.train.whole?.inputs ?? []
    const [target] = held.train.whole?.targets ?? []
    const { multiply, add } = input?.scale ?? { multiply: 1, add: 0 }
    expect(target?.kind).toBe('numbers')
    expect(target?.data).toEqual(Float32Array.from(input?.data ?? [], (value) => value * multiply + add))
    const evaluated = await newRows(again, held.preprocessing, { directory, targets: true })
    expect(evaluated.encoded.targets).toEqual(held.train.whole?.targets)
    if (spec.type === 'inline') return
    const stored = await prepareData(DataSpec.parse({ ...section, memory: '0.01 KB' }), options)
    onTestFinished(() => stored.close())
    const { encoded } = await stored.train.window(rowsUpTo(stored.train.rows))
    expect(encoded).toEqual(held.train.whole)
  })

  it('gives the same fingerprint for the same content only', async () => {
    const fingerprint = async (changed: Case['files']) => (await trained(await write(changed))).fingerprint
    const first = await fingerprint(files)
    expect(await fingerprint(files)).toBe(first)
    const [name, content] = Object.entries(files).at(-1) ?? []
    if (name === undefined || !content || spec.type === 'inline') return
    const other = await write({ ...files, [name]: Buffer.concat([content, content]) })
    expect(
      await trained(other).then(
        (data) => data.fingerprint,
        () => 'refused',
      ),
    ).not.toBe(first)
  })

  it('gives new rows as it gave those of training, with and without their targets', async () => {
    const directory = await write(files)
    const { train, preprocessing } = await trained(directory)
    const evaluated = await newRows(again, preprocessing, { directory, targets: true })
    expect(evaluated.encoded.inputs).toEqual(train.inputs)
    expect(evaluated.encoded.targets).toEqual(train.targets)
    const predicted = await newRows(again, preprocessing, { directory, targets: false })
    expect(predicted.encoded.inputs).toEqual(train.inputs)
    expect(predicted.encoded.targets).toEqual([])
  })

  it('names the file and the column that new rows lack', async () => {
    const directory = await write(files)
    const { preprocessing } = await trained(directory)
    const [output] = preprocessing.outputs
    if (!output) throw new Error('no output')
    const other: Preprocessing = { ...preprocessing, outputs: [{ ...output, columns: ['absent'] }] }
    expect(await messageOf(newRows(again, other, { directory, targets: true }))).toContain(
      `${called}: the column "absent" is missing, which the model is compared with; the file has `,
    )
    const [input] = preprocessing.inputs
    const [feature] = input?.features ?? []
    if (!input || !feature || feature.kind === 'array') return
    const lacking = { ...preprocessing, inputs: [{ ...input, features: [{ ...feature, column: 'absent' }] }] }
    expect(await messageOf(newRows(again, lacking, { directory, targets: false }))).toContain(
      `${called}: the column "absent" is missing, which the model was trained on; the file has `,
    )
  })

  it.runIf(existsSync('/proc/self/fd'))('closes every file, whatever is wrong with it', async () => {
    for (const [name, content] of Object.entries(files)) {
      for (const [wrong, bytes] of Object.entries(faults(content))) {
        for (const memory of spec.type === 'inline' ? [{}] : [{}, { memory: '0.01 KB' }]) {
          const directory = await write({ ...files, [name]: bytes ?? Buffer.alloc(0) })
          if (!bytes) await rm(join(directory, name))
          const cache = join(directory, 'cache')
          const options = { directory, datasets: { cache, watch: () => undefined }, portsFor, seed: 0 }
          const rows = prepareData(DataSpec.parse({ ...spec, split: {}, ...memory }), options)
          await rows.then(
            (data) => data.close(),
            (error: unknown) => expect(error).toBeInstanceOf(DataError),
          )
          expect(openIn(directory), `${name}: ${wrong}`).toEqual([])
        }
      }
    }
  })

  it.skipIf(process.platform === 'win32')('names a file that may not be read', async () => {
    const directory = await write(files)
    const read = async () => (await prepareData(DataSpec.parse({ ...spec, split: {} }), reading)).close()
    const reading = { directory, portsFor, seed: 0 }
    // What is imported first when it is used must not be looked for without privileges.
    await read()
    await chmod(directory, 0o755)
    // The rows of an inline source are in the config.
    for (const name of spec.type === 'inline' ? [] : Object.keys(files)) {
      await chmod(join(directory, name), 0)
      const message = await unprivileged(() => messageOf(read()))
      expect(message).toContain(`${name}: cannot be read: permission denied`)
      await chmod(join(directory, name), 0o644)
    }
  })

  it('names a file that is not there, and one with nothing in it', async () => {
    const { preprocessing } = await trained(await write(files))
    for (const name of Object.keys(files)) {
      const directory = await write({ ...files, [name]: Buffer.alloc(0) })
      const read = () => newRows(again, preprocessing, { directory, targets: true })
      expect(await messageOf(read())).toContain(name)
      // A pattern, or a folder, is of the files that are there.
      if (again.path.includes('{') || dirname(name) !== '.') continue
      await rm(join(directory, name))
      expect(await messageOf(read())).toContain(`${name}: there is no such file`)
    }
  })
}

/** Does something as a user who may read only what all may, where the tests run as root. */
async function unprivileged<T>(run: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return run()
  process.seteuid?.('nobody')
  try {
    return await run()
  } finally {
    process.seteuid?.(0)
  }
}

describe.each(Object.entries(cases))('the source %s', (_, one) => checkSource(one))

it('every source is among these', () => {
  const types = new Set(Object.values(cases).map(({ spec }) => spec.type))
  expect([...types].sort()).toEqual(sources.map(({ type }) => type).sort())
})

describe('new images', () => {
  const { spec, files, inputs, outputs } = cases['images'] ?? {}

  it.each([
    ['a file', 'photos/cats/2.png', [1]],
    ['a pattern', 'photos/{cats/2.png,dogs/*.jpg}', [1, 2]],
    ['a folder of one class', 'photos/cats', [0, 1]],
  ])('may be %s', async (_, path, rows) => {
    if (!spec || !files || !inputs || !outputs) throw new Error('no case of images')
    const directory = await write(files)
    const { train, preprocessing } = await prepare({ ...spec, split: {} }, { directory, inputs, outputs })
    const { encoded } = await newRows({ type: 'images', path }, preprocessing, { directory, targets: true })
    const size = 4 * 4 * 3
    const [all, some] = [train.inputs[0]?.data, encoded.inputs[0]?.data]
    expect(Array.from(some ?? [])).toEqual(
      rows.flatMap((row) => Array.from(all?.slice(row * size, (row + 1) * size) ?? [])),
    )
    expect(Array.from(encoded.targets[0]?.data ?? [])).toEqual(rows.map((row) => (row < 2 ? 0 : 1)))
  })
})
