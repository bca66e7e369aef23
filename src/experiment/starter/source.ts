import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { sourceOfFile } from '../../components/sources/index.ts'
import type { Source } from '../../components/sources/source.ts'
import { DataError } from '../../errors.ts'
import { expand } from '../../table/files/patterns.ts'
import { IMAGE_NAME } from '../../table/formats/image-names.ts'

/** The endings of tables. */
const TABLE = /\.([ct]sv|jsonl|ndjson|parquet)(\.gz|\.zst)?$/i

/** The names of folders that hold the rows of each split. */
const SPLITS: readonly (readonly [split: string, names: RegExp])[] = [
  ['train', /^train(ing)?$/i],
  ['validation', /^(val|valid|validation|dev)$/i],
  ['test', /^test(ing)?$/i],
]

/** The source of rows, the keys of a data section that name them by absolute paths, and a file that has their form. */
type RowsToFit = {
  readonly source: Source
  readonly keys: Readonly<Record<string, unknown>>
  readonly sample: string
}

/** Finds the source of a file, a folder or a pattern by its absolute path. */
export async function sourceOfRows(path: string): Promise<RowsToFit> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return sourceOfFiles(path)
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const splits = SPLITS.flatMap(([split, names]) => {
    const name = folders.find((one) => names.test(one))
    return name === undefined ? [] : [[split, join(path, name)] as const]
  })
  const [first] = splits
  if (first && splits.length > 1)
    return {
      source: await sourceOfFile(first[1], path),
      keys: { path: Object.fromEntries(splits) },
      sample: path,
    }
  const source = await sourceOfFile(path, path)
  if (source.type !== 'idx') requireNoTables(path, entries)
  return { source, keys: source.type === 'idx' ? { folder: path } : { path }, sample: path }
}

/** The source of a file, or of the files of a pattern, which the first of them stands for. */
async function sourceOfFiles(path: string): Promise<RowsToFit> {
  const [sample = path] = (await expand([path], dirname(path))).map((file) => resolve(dirname(path), file))
  const source = await sourceOfFile(sample, dirname(path))
  const labels = path.replace('images-idx3', 'labels-idx1')
  return { source, keys: source.type === 'idx' ? { images: path, labels } : { path }, sample }
}

/** Refuses a folder of tables, with the pattern that stands for them. */
function requireNoTables(path: string, entries: readonly Dirent[]): void {
  if (
    entries.some(
      (entry) => IMAGE_NAME.test(entry.name) || (entry.isDirectory() && !entry.name.startsWith('.')),
    )
  )
    return
  const [ending] = entries.flatMap(({ name }) => TABLE.exec(name)?.[0] ?? [])
  if (ending === undefined) return
  throw new DataError(`${path}: expected a file, or a folder of images or texts, got a folder of tables`, {
    hint: (option) =>
      `name one, or those of the same columns: ${option('data')} '${join(path, `*${ending}`)}'`,
  })
}
