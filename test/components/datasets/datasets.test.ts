import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { datasets } from '../../../src/components/datasets/index.ts'
import type { SourceReading } from '../../../src/components/sources/source.ts'
import { folderOf, readSource } from '../../data/support.ts'

describe('known data sets', () => {
  const read = (name: string, reading: SourceReading) => readSource({ type: 'dataset', name }, reading)

  it('have two mirrors and a checksum for every file', () => {
    expect(datasets.map(({ name }) => name)).toEqual([
      'iris',
      'digits',
      'mnist',
      'fashion_mnist',
      'kmnist',
      'cifar10',
    ])
    for (const dataset of datasets) {
      if (dataset.format === 'csv') continue
      expect(dataset.mirrors.length).toBeGreaterThanOrEqual(2)
      for (const { sha256, bytes } of dataset.files) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/)
        expect(bytes).toBeGreaterThan(1000)
      }
    }
  })

  it.each([
    ['iris', 150, 5],
    ['digits', 1797, 65],
  ])('%s comes with the package', async (name, rows, columns) => {
    const { train } = await read(name, { directory: '/' })
    expect([train.rows, train.columns.length]).toEqual([rows, columns])
  })

  it('are not taken from a file that is another one', async () => {
    const folder = await folderOf({})
    await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), 'no')
    const datasets = { folder, cache: folder, watch: () => undefined }
    await expect(read('mnist', { directory: '/', datasets })).rejects.toMatchObject({
      message: expect.stringContaining(
        `${join(folder, 'train-images-idx3-ubyte.gz')}: this is not the file of mnist`,
      ),
      hint: expect.stringContaining(
        'https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz',
      ),
    })
  })
})
