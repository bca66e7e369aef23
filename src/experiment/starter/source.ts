import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { sourceOfFile } from '../../components/sources/index.ts'
import type { Source } from '../../components/sources/source.ts'

/** The names of folders that hold the rows of each split. */
const SPLITS: readonly (readonly [split: string, names: RegExp])[] = [
  ['train', /^train(ing)?$/i],
  ['validation', /^(val|valid|validation|dev)$/i],
  ['test', /^test(ing)?$/i],
]

/** The source of a file or a folder, and the keys of a data section that name it by its absolute path. */
export async function sourceOfRows(
  path: string,
): Promise<{ source: Source; keys: Readonly<Record<string, unknown>> }> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  const folders = (entries ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const splits = SPLITS.flatMap(([split, names]) => {
    const name = folders.find((one) => names.test(one))
    return name === undefined ? [] : [[split, join(path, name)] as const]
  })
  const [first] = splits
  if (first && splits.length > 1)
    return { source: await sourceOfFile(first[1], path), keys: { path: Object.fromEntries(splits) } }
  const source = await sourceOfFile(path, path)
  if (source.type !== 'idx') return { source, keys: { path } }
  const labels = path.replace('images-idx3', 'labels-idx1')
  return { source, keys: entries ? { folder: path } : { images: path, labels } }
}
