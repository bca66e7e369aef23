import { join } from 'node:path'

import { DataError } from '../../errors.ts'
import type { IdxSpec } from '../../spec/schema/data.ts'
import { readColumns } from '../../table/columns/column-reader.ts'
import type { ColumnReader } from '../../table/columns/column-reader.ts'
import { ByteReader } from '../../table/files/byte-reader.ts'
import { listFolder, readInTurn } from '../../table/files/file.ts'
import type { Reading } from '../../table/files/file.ts'
import { idxReader } from '../../table/formats/idx.ts'
import type { Parts, Table } from '../../table/table.ts'

/** Either a folder, or files of images and labels; new rows may come without labels. */
export type IdxSource = Pick<IdxSpec, 'folder' | 'images' | 'labels'> & Partial<Pick<IdxSpec, 'split'>>

/** Images with labels; a folder in MNIST's naming brings its own test set, which is used unless a fraction is split off. */
export async function readIdx(spec: IdxSource, reading: Reading): Promise<Parts> {
  if (spec.images !== undefined) {
    return { train: await readIdxPair(spec.images, spec.labels, reading), notes: [] }
  }
  const folder = spec.folder ?? '.'
  const names = await listFolder(folder, reading)
  const train = findPair(names, 'train')
  const test = findPair(names, 't10k')
  const readPair = ([images, labels]: Pair): Promise<Table> =>
    readIdxPair(join(folder, images), join(folder, labels), reading)
  if (train) {
    const isTestSplit = spec.split !== undefined && spec.split.test > 0
    const notes =
      test && isTestSplit ? [`the test split comes from the training files: ${test[0]} is not used`] : []
    return {
      train: await readPair(train),
      ...(test && !isTestSplit && { test: await readPair(test) }),
      notes,
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
    {
      hint: 'other names can be given with data.images and data.labels',
    },
  )
}

/** Images alone, or with the labels that belong to them. */
export async function readIdxPair(
  images: string,
  labels: string | undefined,
  reading: Reading,
): Promise<Table> {
  const readers = [await openArray('images', images, reading)]
  if (labels !== undefined) readers.push(await openArray('labels', labels, reading))
  const [rows, other] = readers.map((reader) => reader.rows)
  if (labels !== undefined && rows !== other) {
    throw new DataError(`${labels}: ${other} labels, but ${rows} images in ${images}`)
  }
  const place = (row: number): string => `${images}: row ${row + 1}`
  return readColumns({ name: images, place }, readers, reading.spool)
}

async function openArray(name: string, path: string, reading: Reading): Promise<ColumnReader> {
  const bytes = await readInTurn(path, reading)
  return idxReader(new ByteReader(bytes), name, path)
}

type Pair = readonly [images: string, labels: string]

/** `train-images-idx3-ubyte.gz` and its like; some copies write a dot before `idx`. */
function findPair(names: readonly string[], part: 'train' | 't10k'): Pair | undefined {
  const find = (stem: string): string | undefined =>
    ['', '.gz']
      .flatMap((end) => [`${part}-${stem}${end}`, `${part}-${stem.replace('-idx', '.idx')}${end}`])
      .find((name) => names.includes(name))
  const images = find('images-idx3-ubyte')
  const labels = find('labels-idx1-ubyte')
  return images !== undefined && labels !== undefined ? [images, labels] : undefined
}
