import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NnlabError } from '../../src/errors.ts'
import { hdf5File } from '../../src/exchange/keras/hdf5.ts'
import type { Hdf5Array, Hdf5Group } from '../../src/exchange/keras/hdf5.ts'
import { Hdf5Bytes } from '../../src/exchange/keras/hdf5-bytes.ts'
import { readHdf5 } from '../../src/exchange/keras/hdf5-reader.ts'
import { zipFile } from '../../src/exchange/keras/zip.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { openFile } from '../../src/table/files/file.ts'
import { zipEntries } from '../../src/table/formats/zip.ts'
import { folderOf } from '../cli/support.ts'
import { runs } from '../runs.ts'

const SAVED = fileURLToPath(new URL('../golden/keras-model.keras', import.meta.url))
const CHUNKED = fileURLToPath(new URL('../golden/plain.h5', import.meta.url))

const dataset = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
  .chain((shape) =>
    fc
      .array(fc.float({ noNaN: true }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
      .map((data): Hdf5Array => ({ shape, data: Float32Array.from(data) })),
  )
const { group } = fc.letrec<{ group: Hdf5Group; item: Hdf5Group | Hdf5Array }>((tie) => ({
  group: fc
    .array(fc.tuple(fc.stringMatching(/^[a-z0-9_]{1,12}$/), tie('item')), { maxLength: 30 })
    .map((entries): Hdf5Group => new Map(entries)),
  item: fc.oneof({ maxDepth: 3 }, dataset, tie('group')),
}))

describe('an HDF5 file', () => {
  it('holds the arrays that were written, by their paths', () => {
    fc.assert(
      fc.property(group, (root) => {
        expect(byPath(readHdf5(Buffer.concat(hdf5File(root)), 'file').arrays)).toEqual(byPath(arraysIn(root)))
      }),
      { numRuns: runs(100) },
    )
  })

  // h5py 3.16.0 reads this file: fields that the reader here ignores count, too.
  it('is written byte for byte as another reader knows it', () => {
    const vars = new Map<string, Hdf5Array>([
      ['0', { shape: [2, 3], data: Float32Array.of(1, -2.5, 3, 4, 5, 1e-30) }],
      ['1', { shape: [2], data: BigInt64Array.of(7n, -8n) }],
      ['2', { shape: [], data: Float32Array.of(0.1) }],
    ])
    const root = new Map([
      ['layers', new Map([['vars', vars]])],
      ['empty', new Map()],
    ])
    const sum = createHash('sha256').update(Buffer.concat(hdf5File(root)))
    expect(sum.digest('hex')).toBe('e49b7c04d3c8c86e647956e10503eb2a6bb07810a352bd8952f075866518e525')
  })

  it('holds a group of more arrays than one node of the format has room for', () => {
    const many = Array.from({ length: 700 }, (_, i): [string, Hdf5Array] => [
      String(i),
      { shape: [], data: Float32Array.of(i) },
    ])
    const found = readHdf5(Buffer.concat(hdf5File(new Map([['vars', new Map(many)]]))), 'file').arrays
    expect(found.size).toBe(700)
    expect(found.get('vars/699')).toEqual({ shape: [], data: Float32Array.of(699) })
  })

  it('by Keras is read', async () => {
    const found = readHdf5(await memberOf(SAVED, 'model.weights.h5'), 'file').arrays
    expect(found.get('layers/bidirectional/forward_layer/cell/vars/0')?.shape).toEqual([4, 6])
    expect(found.get('layers/batch_normalization/vars/3')?.shape).toEqual([4])
    expect(found.get('optimizer/vars/0')).toEqual({ shape: [], data: Float32Array.of(1) })
  })

  it('that is damaged is refused, whatever is wrong with it', async () => {
    const bytes = await memberOf(SAVED, 'model.weights.h5')
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(bytes.length),
        (changes, length) => {
          const damaged = Uint8Array.from(bytes)
          for (const [at, value] of changes) damaged[at] = value
          for (const file of [damaged, bytes.subarray(0, length)]) {
            try {
              readHdf5(file, 'file')
            } catch (error) {
              expect(error).toBeInstanceOf(NnlabError)
            }
          }
        },
      ),
      { numRuns: runs(150) },
    )
  })
})

describe('an HDF5 file that refers to itself', () => {
  const file = Buffer.concat(hdf5File(new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]])))
  /** Where the address of the tree of the root group is. */
  const tree = file.readUInt32LE(64) + 24

  it('is refused with its name where the nodes of a tree are those of others', () => {
    const node = Buffer.alloc(64)
    node.write('TREE')
    node.writeUInt16LE(2, 6)
    const levels = Array.from({ length: 30 }, (_, level) => {
      const copy = Buffer.from(node)
      const next = level === 0 ? file.readUInt32LE(tree) : file.length + (level - 1) * node.length
      for (const child of [32, 48]) copy.writeUInt32LE(next, child)
      return copy
    })
    const crafted = Buffer.concat([file, ...levels])
    crafted.writeUInt32LE(crafted.length - node.length, tree)
    expect(() => readHdf5(crafted, 'a.h5')).toThrow(/^a\.h5 is damaged: two of its parts refer to the place/)
  })

  it('is refused with its name where a group is in itself', () => {
    const crafted = Buffer.from(file)
    const symbols = file.indexOf('SNOD')
    crafted.writeUInt32LE(file.readUInt32LE(64), symbols + 16)
    expect(() => readHdf5(crafted, 'a.h5')).toThrow(/^a\.h5 is damaged: two of its parts refer to the place/)
  })

  it('is refused with its name where arrays of chunks share a chunk', async () => {
    const crafted = await readFile(CHUNKED)
    // A tree of chunks of an array of one axis: keys of 24 bytes, each before the address of its chunk.
    const node = treesIn(crafted).find((at) => crafted[at + 4] === 1 && crafted.readUInt16LE(at + 6) > 1)
    if (node === undefined) return expect.fail('no array is in several chunks')
    crafted.copy(crafted, node + 24 + 32 + 24, node + 24 + 24, node + 24 + 32)
    expect(() => readHdf5(crafted, 'a.h5')).toThrow(/^a\.h5 is damaged: two of its parts refer to the place/)
  })

  it('has no texts that are longer in all than it explains', () => {
    const bytes = new Hdf5Bytes(Buffer.alloc(2 ** 16), 'a.h5')
    const read = (): void => {
      for (let i = 0; i < 5000; i++) bytes.text(0, 2 ** 16)
    }
    expect(read).toThrow('a.h5 is damaged: it refers to the same places over and over')
  })
})

function treesIn(file: Buffer): number[] {
  const places: number[] = []
  for (let at = file.indexOf('TREE'); at >= 0; at = file.indexOf('TREE', at + 1)) places.push(at)
  return places
}

describe('a zip archive', () => {
  it('holds the files that were written', async () => {
    const file = join(await folderOf(), 'file.zip')
    const written = new Map([
      ['empty', []],
      ['two parts', [Uint8Array.of(1, 2), Uint8Array.of(3)]],
    ])
    const bytes = Buffer.concat(zipFile(written))
    await writeFile(file, bytes)
    expect(await memberOf(file, 'two parts')).toEqual(Uint8Array.of(1, 2, 3))
    expect(await memberOf(file, 'empty')).toEqual(Uint8Array.of())
    // Other programs find the directory by its size, and how many files it lists by either number.
    const [end, count] = [bytes.length - 22, written.size]
    expect(bytes.readUInt32LE(end + 12) + bytes.readUInt32LE(end + 16)).toBe(end)
    expect([8, 10].map((at) => bytes.readUInt16LE(end + at))).toEqual([count, count])
  })
})

function arraysIn(root: Hdf5Group, path = ''): [string, Hdf5Array][] {
  return [...root].flatMap(([key, item]) =>
    'shape' in item ? [[`${path}${key}`, item]] : arraysIn(item, `${path}${key}/`),
  )
}

function byPath<T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
}

async function memberOf(path: string, name: string): Promise<Uint8Array> {
  const file = await openFile(path, { directory: '' })
  try {
    const entry = (await zipEntries(file, path)).find((one) => one.name === name)
    const parts: Uint8Array[] = []
    for await (const part of entry?.bytes() ?? []) parts.push(part)
    return new Uint8Array(Buffer.concat(parts))
  } finally {
    await file.close()
  }
}
