import * as z from 'zod'

import { isMap } from '../../../registry.ts'
import type { Rule } from '../../../rule.ts'
import { ColumnName } from './rows.ts'

const File = z.string().min(1)
const FileList = z.array(File).min(1)
const Files = z.union([File, FileList])

/** The files or patterns that rows are read from. */
export const Path = z
  .union([
    File,
    FileList,
    z.strictObject({
      train: Files.describe('The file or files of the training rows'),
      validation: Files.optional().describe('The file or files of the validation rows'),
      test: Files.optional().describe('The file or files of the test rows'),
    }),
  ])
  .describe(
    "A file, a pattern such as data/*.csv, a list of these, or a map of train, validation and test to them. A relative path starts from the config's folder; - is standard input",
  )
export type Path = z.infer<typeof Path>

/** The folder whose folders are the classes of texts or images. */
export function classFolders(contents: 'texts' | 'images') {
  return z
    .union([
      File,
      z.strictObject({
        train: File.describe(`The folder of the training ${contents}`),
        validation: File.optional().describe(`The folder of the validation ${contents}`),
        test: File.optional().describe(`The folder of the test ${contents}`),
      }),
    ])
    .describe(
      "The folder that holds the folders of the classes, or a map of train, validation and test to such folders. A relative path starts from the config's folder",
    )
}

/** Further columns in files of their own. */
export const Join = z
  .strictObject({
    path: Files.describe('The file or files of the further columns, in the same form as those of the rows'),
    on: ColumnName.describe(
      'The key: a column of both, whose value no two rows of the further columns share',
    ),
  })
  .describe(
    'Further columns of the rows, such as the target, in files of their own: each row gets those of the row with the same key, or missing values. New rows of a trained model have the features themselves',
  )
export type Join = z.infer<typeof Join>

/** A path for each split that has one of its own. */
export type Divided<P> = { train: P; validation?: P | undefined; test?: P | undefined }

export function dividedPath(path: Path): Divided<string | string[]> {
  return typeof path === 'string' || Array.isArray(path) ? { train: path } : path
}

/** True where a path names files of the validation rows. */
export function namesValidation({ path }: { readonly path?: unknown }): boolean {
  return isMap(path) && path['validation'] !== undefined
}

type Section = {
  path: string | string[] | Divided<unknown>
  split: { validation: number; test: number }
}

/** A split comes from files of its own or from a fraction of the rows, not from both. */
export const filesOrFractions: Rule<Section> = {
  needs: ['path', 'split'],
  check({ path, split }, report) {
    if (typeof path === 'string' || Array.isArray(path)) return
    for (const part of ['validation', 'test'] as const) {
      if (path[part] === undefined || split[part] === 0) continue
      const message = `the ${part} rows have files of their own: path.${part} and split.${part} cannot be used together`
      report(['split', part], message, { code: 'split', at: 'key', hint: 'remove one of the two' })
    }
  },
}
