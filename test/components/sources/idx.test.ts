import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { folderOf, readSource } from '../../data/support.ts'
import { idxFile } from '../../table/formats/idx-file.ts'

const images = idxFile([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255])
const labels = idxFile([3], [0, 1, 0])

describe('a folder in the naming of MNIST', () => {
  const train = { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte.gz': gzipSync(labels) }
  const test = { 't10k-images.idx3-ubyte': images, 't10k-labels.idx1-ubyte': labels }
  const read = async (files: Record<string, Uint8Array>, keys = {}) =>
    readSource({ type: 'idx', folder: '.', ...keys }, { directory: await folderOf(files) })
  const testFraction = { split: { test: 0.5, validation: 0, stratify: false, shuffle: true } }

  it('brings its own test set', async () => {
    const parts = await read({ ...train, ...test })
    expect(parts).toMatchObject({ train: { name: 'train-images-idx3-ubyte' }, notes: [] })
    expect(parts.test?.name).toBe('t10k-images.idx3-ubyte')
  })

  it('leaves its test set alone when a fraction is split off', async () => {
    const parts = await read({ ...train, ...test }, testFraction)
    expect(parts.test).toBeUndefined()
    expect(parts.notes).toEqual([expect.stringContaining('t10k-images.idx3-ubyte is not used')])
  })

  it('may hold only test files, which are then the rows', async () => {
    const parts = await read(test)
    expect(parts.train.name).toBe('t10k-images.idx3-ubyte')
    expect(parts.notes).toEqual([expect.stringContaining('no training files')])
  })

  it('is explained when it has none of the files, or does not exist', async () => {
    await expect(read({ 'train-images-idx3-ubyte': images })).rejects.toThrow('.: there are no train-images')
    await expect(read(train, { folder: 'nowhere' })).rejects.toThrow('nowhere: there is no such folder')
    await expect(read(train, { folder: 'train-images-idx3-ubyte' })).rejects.toThrow(
      'expected a folder, got a file',
    )
  })
})
