import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readCifar } from '../../../src/table/formats/cifar.ts'
import { Spool } from '../../../src/table/columns/spool.ts'
import { DataError } from '../../../src/errors.ts'
import { runs } from '../../runs.ts'
import { damage, damaged } from './damage.ts'
import { folderOf } from '../../data/support.ts'

const PIXELS = 32 * 32

/** A file in a tar archive (POSIX ustar). */
function entry(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('ustar', 257)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** A row whose red, green and blue are this much, but for its last pixel, which is 1, 2, 3. */
function row(label: number, [red, green, blue]: readonly [number, number, number]): Buffer {
  const planes = [red, green, blue].map((value, i) => Buffer.alloc(PIXELS, value).fill(i + 1, PIXELS - 1))
  return Buffer.concat([Buffer.from([label]), ...planes])
}

/** The batches in another order than that of their names, among other files, as in the real archive. */
const archive = gzipSync(
  Buffer.concat([
    entry('cifar-10-batches-bin/data_batch_2.bin', row(7, [40, 50, 60])),
    entry('cifar-10-batches-bin/batches.meta.txt', Buffer.from('airplane\n')),
    entry(
      'cifar-10-batches-bin/data_batch_1.bin',
      Buffer.concat([row(3, [10, 20, 30]), row(9, [11, 21, 31])]),
    ),
    entry('cifar-10-batches-bin/test_batch.bin', row(1, [70, 80, 90])),
    Buffer.alloc(1024),
  ]),
)

const plain = gunzipSync(archive)

async function read(content: Uint8Array, memory?: number) {
  const directory = await folderOf({ 'cifar.tar.gz': content })
  const spool = memory === undefined ? undefined : new Spool(memory, directory)
  onTestFinished(() => spool?.close())
  return readCifar('cifar.tar.gz', { directory, spool })
}

describe('the archive of CIFAR-10', () => {
  it.each([
    ['in memory', undefined],
    ['on disk', 1],
  ])('gives the colors of each pixel, the batches in order: %s', async (_, memory) => {
    const { train, test } = await read(archive, memory)
    expect(train.blocks?.length).toBe(memory && 3)
    const [images, labels] = train.columns
    expect([...(labels?.values ?? [])]).toEqual([3, 9, 7])
    expect(images).toMatchObject({ kind: 'array', shape: [32, 32, 3] })
    const size = 3 * PIXELS
    for (const [i, color] of [
      [10, 20, 30],
      [11, 21, 31],
      [40, 50, 60],
    ].entries()) {
      expect([...(images?.values.slice(i * size, i * size + 3) ?? [])]).toEqual(color)
      expect([...(images?.values.slice((i + 1) * size - 3, (i + 1) * size) ?? [])]).toEqual([1, 2, 3])
    }
    expect([...(test.columns[1]?.values ?? [])]).toEqual([1])
    expect(test.columns[0]?.values.slice(0, 3)).toEqual(Uint8Array.of(70, 80, 90))
  })

  it.each([
    [
      'no batches of one kind',
      gzipSync(entry('data_batch_1.bin', row(1, [1, 2, 3]))),
      'there are no batches',
    ],
    ['half a row', gzipSync(entry('data_batch_1.bin', Buffer.alloc(1000))), 'data_batch_1.bin is truncated'],
    [
      'half a batch',
      gzipSync(entry('data_batch_1.bin', row(1, [1, 2, 3])).subarray(0, 2000)),
      'is truncated at',
    ],
    [
      'a size that is no number',
      gzipSync(entry('data_batch_1.bin', row(1, [1, 2, 3])).fill('x', 124, 136)),
      'damaged',
    ],
    ['half an archive', archive.subarray(0, archive.length / 2), 'truncated'],
  ])('is refused with %s', async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message)
  })

  it('is read or refused when it is damaged, never a crash', async () => {
    const directory = await folderOf({})
    await fc.assert(
      fc.asyncProperty(fc.boolean(), damage, async (isInside, damages) => {
        const content = isInside ? gzipSync(damaged(plain, damages), { level: 1 }) : damaged(archive, damages)
        await writeFile(join(directory, 'x'), content)
        await readCifar('x', { directory }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(DataError)
          expect(error).toHaveProperty('message', expect.stringMatching(/^x: /))
        })
      }),
      { numRuns: runs(20) },
    )
  })
})
