import { RunError } from '../errors.ts'

/** Version of the files of runs and models; those of 0.1.0 have none, which is 0. */
export const FORMAT = 1

/** Raised whenever any bit of any training changes: a run is resumed only where it is equal. */
export const NUMERICS = 5

/** Throws a RunError for a file that a newer version has written. */
export function requireFormat(file: string, format: number): void {
  if (format <= FORMAT) return
  throw new RunError(
    `${file} was written by a newer nnlab: its format is ${format}, this version reads ${FORMAT}`,
    {
      hint: 'use the version that wrote it',
    },
  )
}
