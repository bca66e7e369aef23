import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Spool } from '../../../src/table/columns/spool.ts'
import { DataError } from '../../../src/errors.ts'
import { runs } from '../../runs.ts'
import { damage, damaged } from './damage.ts'
import { folderOf, openIn, readSource } from '../../data/support.ts'
import type { WrittenData } from '../../data/support.ts'
import type { DividedTables } from '../../../src/table/table.ts'

const golden: Record<string, string> & { parquet: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../../golden/formats.json', import.meta.url), 'utf8'),
)
const decode = (text = ''): Buffer => Buffer.from(text, 'base64')
const csv = 'x,y,city\n' + Array.from({ length: 30 }, (_, i) => `${i / 7},${i % 2},"a ""b"" ${i}"\n`).join('')
const idx = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8])
const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 0, 1])

/** A good file of every format, and the data section that reads it. */
const formats: Record<string, { file: string; content: Buffer; spec: WrittenData }> = {
  csv: { file: 'a.csv', content: Buffer.from(csv), spec: { type: 'csv', path: 'a.csv', target: 'y' } },
  'csv.gz': {
    file: 'a.csv.gz',
    content: gzipSync(csv),
    spec: { type: 'csv', path: 'a.csv.gz', target: 'y' },
  },
  jsonl: {
    file: 'a.jsonl',
    content: Buffer.from('{"x": [1, 2.5], "y": 0, "z": null}\n{"x": [3, 4], "y": 1, "z": "a\\u00e9"}\n'),
    spec: { type: 'jsonl', path: 'a.jsonl', target: 'y' },
  },
  idx: { file: 'i', content: idx, spec: { type: 'idx', images: 'i', labels: 'l' } },
  'idx.gz': { file: 'i', content: gzipSync(idx), spec: { type: 'idx', images: 'i', labels: 'l' } },
  npy: {
    file: 'x.npy',
    content: decode(golden['fortran']),
    spec: { type: 'npz', path: 'x.npy', target: 'x' },
  },
  npz: { file: 'x.npz', content: decode(golden['npz']), spec: { type: 'npz', path: 'x.npz', target: 'y' } },
  'compressed npz': {
    file: 'x.npz',
    content: decode(golden['compressed']),
    spec: { type: 'npz', path: 'x.npz', target: 'y' },
  },
  ...Object.fromEntries(
    Object.entries(golden.parquet).map(([kind, content]) => [
      `parquet (${kind})`,
      {
        file: 'a.parquet',
        content: decode(content),
        spec: { type: 'parquet', path: 'a.parquet', target: 'n' },
      },
    ]),
  ),
  png: {
    file: 'cats/1.png',
    content: decode(golden['png']),
    spec: { type: 'images', path: '.', image_size: [4, 4] },
  },
  jpeg: {
    file: 'cats/1.jpg',
    content: decode(golden['jpeg']),
    spec: { type: 'images', path: '.', image_size: [4, 4] },
  },
}

async function folderFor(file: string): Promise<string> {
  const directory = await folderOf({ l: labels })
  if (file.includes('/')) await mkdir(join(directory, 'cats'))
  return directory
}

type Format = { file: string; spec: WrittenData }

/** What comes of a content: rows that are whole, or an error that names the file. */
async function read(
  { file, spec }: Format,
  content: Uint8Array,
  directory: string,
): Promise<DividedTables | DataError> {
  await writeFile(join(directory, file), content)
  const spool = new Spool(2e9, await folderOf({}))
  try {
    const parts = await readSource(spec, { directory, spool })
    for (const column of parts.train.columns)
      expect(column.values.length).toBeGreaterThanOrEqual(parts.train.rows)
    return parts
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    expect(error.message).toMatch(/^(cats\/1\.|a\.|x\.|i\b|l\b|\.: there are no folders)/)
    return error
  } finally {
    spool.close()
    if (existsSync('/proc/self/fd')) expect(openIn(directory)).toEqual([])
  }
}

describe('a damaged file', () => {
  it.each(Object.entries(formats))(
    'of type %s never breaks the reader',
    async (_, { content, ...format }) => {
      const directory = await folderFor(format.file)
      expect(await read(format, content, directory)).not.toBeInstanceOf(DataError)
      const before = process.memoryUsage().rss
      await fc.assert(
        fc.asyncProperty(damage, async (damages) => {
          // Of the processor, not of the clock: the machine may be busy with other things.
          const start = process.cpuUsage()
          await read(format, damaged(content, damages), directory)
          const { user, system } = process.cpuUsage(start)
          expect((user + system) / 1e6).toBeLessThan(2)
        }),
        { numRuns: runs(20) },
      )
      expect(process.memoryUsage().rss - before).toBeLessThan(1e9)
    },
  )
})

/** A header of NumPy's with any shape. */
function npyOf(shape: string, descr = '<f8'): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117) + '\n'
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(header)])
}

function pngOf(width: number, height: number, data: Buffer): Buffer {
  const bytes = decode(golden['png'])
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  const at = bytes.indexOf('IDAT') - 4
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([bytes.subarray(0, at), length, Buffer.from('IDAT'), data, bytes.subarray(-16)])
}

describe('a malicious file', () => {
  const traps: [string, keyof typeof formats, Buffer, RegExp][] = [
    ['an array of a huge shape', 'npy', npyOf('1000000, 1000000'), /truncated/],
    [
      'an array of many axes',
      'npy',
      npyOf('1, '.repeat(40)),
      /not that of an array|axes|inside its header|truncated/,
    ],
    ['a text of a huge width', 'npy', npyOf('2,', '<U999999999'), /at most 2 GB/],
    [
      'an IDX file of a huge shape',
      'idx',
      Buffer.from([0, 0, 8, 3, ...Array<number>(12).fill(255)]),
      /2 labels, but 4294967295 images/,
    ],
    [
      'a gzip bomb of digits',
      'csv.gz',
      gzipSync(Buffer.concat([Buffer.from('x,y\n'), Buffer.alloc(100e6, `1,${'1'.repeat(60)}\n`)])),
      /expand to more than 200 times/,
    ],
    [
      'a gzip bomb of one line',
      'csv.gz',
      gzipSync(Buffer.alloc(100e6, '1')),
      /does not end within 64 MB|expand to more than 200 times/,
    ],
    ['an image of a huge size', 'png', pngOf(2 ** 31 - 1, 2 ** 31 - 1, Buffer.alloc(10)), /size is/],
    ['an image that is a bomb', 'png', pngOf(7, 5, deflateSync(Buffer.alloc(300e6))), /damaged/],
    ['deep JSON', 'jsonl', Buffer.from(`{"x": ${'['.repeat(1e6)}${']'.repeat(1e6)}, "y": 1}\n`), /^a\.jsonl/],
    [
      'deep objects',
      'jsonl',
      Buffer.from(`{"x": ${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}, "y": 1}\n`),
      /^a\.jsonl:1/,
    ],
    ['a key with a meaning', 'jsonl', Buffer.from('{"__proto__": [1, {"x": 1}], "y": 1}\n'), /is not a list/],
    [
      'a quote that never closes',
      'csv',
      Buffer.from(`x,y\n1,"${'2\n'.repeat(1e5)}`),
      /a\.csv:2: a double quote/,
    ],
  ]
  it.each(traps)('is refused: %s', async (_, name, content, message) => {
    const format = formats[name]
    if (!format) throw new Error('no such format')
    const before = process.memoryUsage().rss
    const answer = await read(format, content, await folderFor(format.file))
    expect(answer).toBeInstanceOf(DataError)
    expect(answer).toHaveProperty('message', expect.stringMatching(message))
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9)
  })
})
