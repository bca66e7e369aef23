import { resolve } from 'node:path'

import { csv } from './csv.ts'
import { dataset } from './dataset.ts'
import { idx } from './idx.ts'
import { images } from './images.ts'
import { inline } from './inline.ts'
import { jsonl } from './jsonl.ts'
import { npz } from './npz.ts'
import { parquet } from './parquet.ts'
import type { Source } from './source.ts'
import { texts } from './texts.ts'

export const sources: readonly Source[] = [inline, csv, jsonl, parquet, npz, idx, texts, images, dataset]

/** The source of a data section. */
export function sourceOf({ type }: { readonly type: string }): Source {
  const source = sources.find((candidate) => candidate.type === type)
  if (!source) throw new RangeError(`there is no source ${type}`)
  return source
}

/** The types of the sources that read new rows for a trained model. */
export const newRowsTypes = sources.filter(({ newRows }) => newRows).map(({ type }) => type)

/** Finds the source that reads a file or a folder by its name; csv otherwise. */
export async function sourceOfFile(path: string, directory: string): Promise<Source> {
  const named = sources.find(({ endings }) => endings?.test(path))
  if (named || path === '-') return named ?? csv
  const { namesIn } = await import('../../table/files/file.ts')
  const names = await namesIn(resolve(directory, path))
  return (names && sources.find(({ claimsFolder }) => claimsFolder?.(names))) ?? csv
}

/** True for a name that files of rows have, and spreadsheets, but configs have not. */
export function isNamedLikeRows(path: string): boolean {
  return (
    /\.(xlsx?|ods)$/i.test(path) ||
    (!/\.json$/i.test(path) && sources.some(({ endings }) => endings?.test(path)))
  )
}
