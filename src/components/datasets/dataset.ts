/** A file of a data set, as its authors published it. */
export type DatasetFile = {
  name: string
  bytes: number
  /** In hex. */
  sha256: string
  /** SHA-256 of the same content compressed anew, as a distribution of Linux packages it. */
  repackaged?: string
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
      classes: number
      files: readonly DatasetFile[]
      /** What stands before a file's name, first choice first. */
      mirrors: readonly string[]
      /** Folders where packages of operating systems install it. */
      folders: readonly string[]
    }
)

/** A data set that is fetched. */
export type RemoteDataset = Extract<Dataset, { files: unknown }>
