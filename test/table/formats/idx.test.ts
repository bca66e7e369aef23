import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../../src/table/files/byte-reader.ts'
import { decompress } from '../../../src/table/files/decompress.ts'
import { idxReader, readIdxPair } from '../../../src/table/formats/idx.ts'
import { DataError } from '../../../src/errors.ts'
import { folderOf } from '../../data/support.ts'
import { runs } from '../../runs.ts'
import { idxFile } from './idx-file.ts'

const images = idxFile([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255])
const labels = idxFile([3], [0, 1, 0])

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

/** What a file of these bytes holds, which arrive in pieces and are asked for in several turns. */
async function readFile(bytes: Uint8Array, name: string, { piece = 7, turn = 2 } = {}) {
  const reader = await idxReader(new ByteReader(decompress(inPieces(bytes, piece), name)), 'x', name)
  const shape = [reader.rows]
  const values: number[] = []
  const types = new Set<unknown>()
  for (let row = 0; row < reader.rows; row += turn) {
    const column = await reader.read(Math.min(turn, reader.rows - row))
    if (column.kind !== 'array') throw new Error('not an array')
    if (row === 0) shape.push(...column.shape)
    types.add(column.values.constructor)
    for (const value of column.values) values.push(value)
  }
  await reader.finish?.()
  return { shape, values, types: [...types] }
}

describe('an IDX file', () => {
  it('keeps bytes as bytes', async () => {
    const { shape, values, types } = await readFile(images, 'x')
    expect(shape).toEqual([3, 2, 2])
    expect(types).toEqual([Uint8Array])
    expect([...values].slice(-2)).toEqual([10, 255])
  })

  it.each([
    ['signed bytes', 0x09, [0xff, 2], [-1, 2]],
    ['shorts', 0x0b, [0xff, 0xfe, 0, 2], [-2, 2]],
    ['ints', 0x0c, [0xff, 0xff, 0xff, 0xfd, 0, 0, 1, 0], [-3, 256]],
    ['floats', 0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]],
    ['doubles', 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1.5, -2]],
  ])('may hold %s', async (_, type, bytes, numbers) => {
    const { values } = await readFile(idxFile([2], bytes, type), 'x')
    expect([...values]).toEqual(numbers)
  })

  it('is read back as it was written, gzipped or not', async () => {
    const sizes = fc.record({ piece: fc.integer({ min: 1, max: 50 }), turn: fc.integer({ min: 1, max: 6 }) })
    const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.boolean(),
        fc.nat(255),
        sizes,
        async (shape, isCompressed, first, sizes) => {
          const size = shape.reduce((a, b) => a * b, 1)
          const body = Array.from({ length: size }, (_, i) => (first + i) % 256)
          const file = idxFile(shape, body)
          const read = await readFile(isCompressed ? gzipSync(file) : file, 'x', sizes)
          expect(read).toMatchObject({ shape, values: body })
        },
      ),
    )
  })
})

describe('a bad IDX file', () => {
  it.each([
    ['no bytes', [], 'too short'],
    ['another format', Buffer.from('a,b\n1,2\n'), 'not an IDX file: it begins with 61 2c 62 0a'],
    ['an unknown type', idxFile([1], [0], 0x0a), 'not an IDX file'],
    ['no dimensions', [0, 0, 8, 0], 'not an IDX file'],
    ['a cut header', images.subarray(0, 10), 'ends inside its header'],
    ['cut data', images.subarray(0, 20), 'is truncated: the header announces 3 x 2 x 2 numbers in 28 bytes'],
    ['more data', Buffer.concat([images, images]), 'is too long'],
    ['rows of nothing', idxFile([2 ** 32 - 1, 0], []), 'is empty: its shape is 4294967295 x 0'],
    ['huge lengths', idxFile([2 ** 32 - 1, 2 ** 32 - 1], []), 'at most 2 GB'],
    ['huge lengths, gzipped', gzipSync(idxFile([2 ** 32 - 1, 28, 28], [])), 'at most 2 GB'],
    [
      'lengths that gzip cannot hold',
      gzipSync(idxFile([60000, 28, 28], [1])),
      'is truncated: the header announces 60000 x 28 x 28 numbers in 47,040,016 bytes, but there are 17',
    ],
    ['more data, gzipped', gzipSync(idxFile([2], new Uint8Array(1e6))), 'is too long'],
    ['less data, gzipped', gzipSync(idxFile([9], [1])), 'is truncated'],
    ['a cut gzip file', gzipSync(images).subarray(0, -9), 'is truncated'],
    ['a cut gzip header', gzipSync(images).subarray(0, 6), 'is truncated'],
  ])('is refused: %s', async (_, bytes, message) => {
    const directory = await folderOf({ 'x.gz': Uint8Array.from(bytes) })
    const failure = await readIdxPair('x.gz', undefined, { directory }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toHaveProperty('message', expect.stringContaining(message))
    expect(failure).toHaveProperty('message', expect.stringMatching(/^x\.gz: /))
  })

  it('is read or refused when bits flip or bytes are lost, never a crash', async () => {
    const directory = await folderOf({})
    const good = [images, labels, gzipSync(images), gzipSync(labels)]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...good),
        fc.nat(60),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(60),
        async (file, at, flip, end) => {
          const bad = Uint8Array.from(file)
          bad[at % bad.length] = (bad[at % bad.length] ?? 0) ^ flip
          const cut = end % 3 === 0 ? bad.subarray(0, end) : bad
          await writeFile(join(directory, 'x'), cut)
          const read = readIdxPair('x', undefined, { directory })
          await read.catch((error: unknown) => expect(error).toBeInstanceOf(DataError))
        },
      ),
      { numRuns: runs(100) },
    )
  })
})

describe('images with labels', () => {
  it('make one table', async () => {
    const directory = await folderOf({ images, labels })
    const table = await readIdxPair('images', 'labels', { directory })
    expect(table.rows).toBe(3)
    expect(table.columns).toMatchObject([
      { kind: 'array', name: 'images', shape: [2, 2] },
      { kind: 'array', name: 'labels', shape: [] },
    ])
    expect(table.place(2)).toBe('images: row 3')
  })

  it('must be equally many', async () => {
    const directory = await folderOf({ images, labels: idxFile([2], [0, 1]) })
    await expect(readIdxPair('images', 'labels', { directory })).rejects.toThrow(
      'labels: 2 labels, but 3 images in images',
    )
  })

  it('must not be none', async () => {
    const directory = await folderOf({ images: idxFile([0, 2, 2], []), labels: idxFile([0], []) })
    await expect(readIdxPair('images', 'labels', { directory })).rejects.toThrow(
      'images: the file is empty: its shape is 0 x 2 x 2',
    )
  })
})
