import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { DataError } from '../../errors.ts'
import { fetchFiles } from '../../table/files/fetch.ts'
import { sha256Of } from '../../table/files/file.ts'
import type { Reading } from '../../table/files/file.ts'
import { readCifar } from '../../table/formats/cifar.ts'
import type { Parts } from '../../table/table.ts'
import type { DatasetFile, RemoteDataset } from '../datasets/dataset.ts'
import { datasetNamed } from '../datasets/index.ts'
import { readCsv } from './csv.ts'
import { readIdxPair } from './idx.ts'
import type { KnownSpec } from './options/dataset.ts'

/** A known data set: from the package, a folder, the cache, or from the network into the cache. */
export async function readDataset(
  { name, split }: Pick<KnownSpec, 'name' | 'split'>,
  reading: Reading,
): Promise<Parts> {
  const dataset = datasetNamed(name)
  if (dataset.format === 'csv') {
    const path = join(packagedFolder(), `${name}.csv`)
    return { train: await readCsv({ path, header: true }, reading), notes: [] }
  }
  const paths = await obtain(dataset, reading)
  const isOwnTest = split.test === 0
  const notes = isOwnTest
    ? []
    : [`the test split comes from the training rows of ${name}: its own is not used`]
  if (dataset.format === 'cifar') {
    const { train, test } = await readCifar(paths[0] ?? '', reading)
    return { train, ...(isOwnTest && { test }), notes }
  }
  const [images = '', labels, testImages = '', testLabels] = paths
  return {
    train: await readIdxPair(images, labels, reading),
    ...(isOwnTest && { test: await readIdxPair(testImages, testLabels, reading) }),
    notes,
  }
}

/** configs/data of this package, from the sources as from the bundle. */
function packagedFolder(): string {
  for (const up of ['..', '../../..']) {
    const folder = fileURLToPath(new URL(`${up}/configs/data`, import.meta.url))
    if (existsSync(folder)) return folder
  }
  throw new DataError('the folder configs/data of nnlab is missing', { hint: 'install nnlab again' })
}

/** Where the files of the data set are, after those that are nowhere are fetched. */
async function obtain(dataset: RemoteDataset, reading: Reading): Promise<string[]> {
  const { name, files, folders, mirrors } = dataset
  const places = reading.datasets
  if (!places) throw new DataError(`${name}: data sets are not fetched here`)
  const own = places.folder
  const home = join(own ?? places.cache, name)
  const find = (file: DatasetFile): string | undefined =>
    [...(own === undefined ? [] : [own]), home, ...folders]
      .map((folder) => join(folder, file.name))
      .find((path) => existsSync(path))
  for (const file of files) await check(file, find(file), dataset)
  const missing = files.filter((file) => find(file) === undefined)
  if (missing.length > 0) await fetchFiles({ name, files: missing, mirrors, folder: home }, places)
  return files.map((file) => find(file) ?? '')
}

/** Refuses a file of that name that is another one. */
async function check(
  file: DatasetFile,
  path: string | undefined,
  { name, mirrors }: RemoteDataset,
): Promise<void> {
  if (path === undefined) return
  const sha256 = await sha256Of(path)
  if (sha256 === file.sha256 || sha256 === file.repackaged) return
  throw new DataError(
    `${path}: this is not the file of ${name}: its SHA-256 is ${sha256} instead of ${file.sha256}`,
    {
      hint: `remove it, and it is fetched from ${mirrors.map((mirror) => mirror + file.name).join(' or ')}`,
    },
  )
}
