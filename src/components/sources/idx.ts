import { join } from 'node:path'
import * as z from 'zod'

import { DataError } from '../../errors.ts'
import type { DividedTables, Table } from '../../table/table.ts'
import { arrayKeys, arraySelection, arraysWithPositives } from './options/arrays.ts'
import { Memory } from './options/rows.ts'
import { defineSource } from './source.ts'
import type { SourceReading } from './source.ts'

const ENDINGS = /(ubyte|\.idx)(\.gz)?$/i

export const idx = defineSource({
  type: 'idx',
  summary: 'Images and labels in the IDX format of MNIST, plain or .gz',
  paths: ['folder', 'images', 'labels'],
  endings: ENDINGS,
  claimsFolder: (names) => names.some((name) => ENDINGS.test(name)),
  options: () => ({
    folder: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and, for the test split, the t10k files',
      ),
    images: z.string().min(1).optional().describe('The file of images, instead of folder'),
    labels: z.string().min(1).optional().describe('The file of labels, instead of folder'),
    memory: Memory,
    ...arrayKeys,
  }),
  rules: [
    {
      needs: ['folder', 'images', 'labels'],
      check({ folder, images, labels }, report) {
        const hasBoth = images !== undefined && labels !== undefined
        const hasSome = images !== undefined || labels !== undefined
        if (folder === undefined ? hasBoth : !hasSome) return
        report([], 'give either folder, or both images and labels', { code: 'idx-files' })
      },
    },
  ],
  memory: ({ memory }) => memory,
  selection: ({ features, target }) =>
    arraySelection({ input: 'images', labels: 'labels', ...features, target }),
  withPositives: arraysWithPositives,
  read({ folder, images, labels, split }, reading) {
    return images === undefined
      ? readFolder(folder ?? '.', split.test === 0, reading)
      : readFiles(images, labels, reading)
  },
  newRows: {
    labels: true,
    async read({ path, labels }, _, reading) {
      const { isFolder } = await import('../../table/files/file.ts')
      return (await isFolder(path, reading.directory))
        ? readFolder(path, true, reading)
        : readFiles(path, labels, reading)
    },
  },
})

async function readFiles(
  images: string,
  labels: string | undefined,
  reading: SourceReading,
): Promise<DividedTables> {
  const { readIdxPair } = await import('../../table/formats/idx.ts')
  return { train: await readIdxPair(images, labels, reading), notes: [] }
}

/** Reads a folder in the naming of MNIST, which brings its own test rows. */
async function readFolder(
  folder: string,
  usesOwnTest: boolean,
  reading: SourceReading,
): Promise<DividedTables> {
  const [{ listFolder }, { readIdxPair }] = await Promise.all([
    import('../../table/files/file.ts'),
    import('../../table/formats/idx.ts'),
  ])
  const names = await listFolder(folder, reading)
  const train = findPair(names, 'train')
  const test = findPair(names, 't10k')
  const readPair = ([images, labels]: Pair): Promise<Table> =>
    readIdxPair(join(folder, images), join(folder, labels), reading)
  if (train) {
    const unused = test && !usesOwnTest
    return {
      train: await readPair(train),
      ...(test && usesOwnTest && { test: await readPair(test) }),
      notes: unused ? [`the test split comes from the training files: ${test[0]} is not used`] : [],
    }
  }
  if (test) {
    return {
      train: await readPair(test),
      notes: [`${folder} has no training files: the rows are those of ${test[0]}`],
    }
  }
  throw new DataError(
    `${folder}: there are no train-images-idx3-ubyte and train-labels-idx1-ubyte files, plain or .gz`,
    { hint: 'other names can be given with data.images and data.labels' },
  )
}

type Pair = readonly [images: string, labels: string]

/** Finds `train-images-idx3-ubyte.gz` and the like; some copies write a dot before `idx`. */
function findPair(names: readonly string[], part: 'train' | 't10k'): Pair | undefined {
  const find = (stem: string): string | undefined =>
    ['', '.gz']
      .flatMap((end) => [`${part}-${stem}${end}`, `${part}-${stem.replace('-idx', '.idx')}${end}`])
      .find((name) => names.includes(name))
  const images = find('images-idx3-ubyte')
  const labels = find('labels-idx1-ubyte')
  return images !== undefined && labels !== undefined ? [images, labels] : undefined
}
