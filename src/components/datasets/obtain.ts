import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { DataError } from '../../errors.ts'
import { fetchFiles } from '../../table/files/fetch.ts'
import { sha256Of } from '../../table/files/file.ts'
import type { DatasetFile, DatasetPlaces, RemoteDataset } from './dataset.ts'

/** Finds the files of a data set, fetches the missing ones, and returns their paths. */
export async function obtain(dataset: RemoteDataset, places: DatasetPlaces | undefined): Promise<string[]> {
  const { name, files, folders, mirrors } = dataset
  if (!places) throw new DataError(`${name}: data sets are not fetched here`)
  const own = places.folder ?? places.fallback
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

/** Refuses a file of the right name and the wrong content. */
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
