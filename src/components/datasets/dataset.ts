import type { FetchEvent, RemoteFile } from '../../table/files/fetch.ts'
import type { Proxies } from '../../table/files/request.ts'

/** A file of a data set. */
export type DatasetFile = RemoteFile & {
  /** SHA-256 of the same content as a distribution of Linux compresses it. */
  repackaged?: string
}

/** The folders in which known data sets are looked for and kept. */
export type DatasetPlaces = {
  /** The folder that the user names, for all data sets. */
  folder?: string | undefined
  /** The folder where neither the user nor the run names one. */
  fallback?: string | undefined
  /** The folder in which they are kept otherwise. */
  cache: string
  /** The proxies through which they are fetched. */
  proxies?: Proxies | undefined
  /** Receives the progress of downloads. */
  watch(event: FetchEvent): Promise<void> | void
}

/** A data set that is known by name. */
export type Dataset = {
  name: string
  summary: string
  /** A row's shape. */
  shape: readonly number[]
} & (
  | { format: 'csv'; target: string }
  | {
      format: 'idx' | 'cifar'
      files: readonly DatasetFile[]
      /** The addresses before a file's name, first choice first. */
      mirrors: readonly string[]
      /** Folders where packages of operating systems install it. */
      folders: readonly string[]
    }
)

/** A data set that is fetched. */
export type RemoteDataset = Extract<Dataset, { files: unknown }>
