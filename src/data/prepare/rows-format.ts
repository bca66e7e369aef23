import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'

/** The formats that new rows may be written in. */
export const rowsFormats = ['csv', 'jsonl', 'parquet', 'npz', 'idx', 'images'] as const
export type RowsFormat = (typeof rowsFormats)[number]

const endings: readonly [RowsFormat, RegExp][] = [
  ['jsonl', /\.(jsonl|ndjson)(\.gz|\.zst)?$/i],
  ['parquet', /\.parquet$/i],
  ['npz', /\.np[yz]$/i],
  ['idx', /(ubyte|\.idx)(\.gz)?$/i],
  ['images', /\.(png|jpe?g)$/i],
]

/** The format that the name of a file tells, csv where it tells none; a folder is one of images or of IDX files. */
export async function formatOf(path: string, directory: string): Promise<RowsFormat> {
  const named = formatNamed(path)
  if (named !== undefined || path === '-') return named ?? 'csv'
  const names = await readdir(resolve(directory, path)).catch(() => undefined)
  if (!names) return 'csv'
  return names.some((name) => formatNamed(name) === 'idx') ? 'idx' : 'images'
}

function formatNamed(name: string): RowsFormat | undefined {
  return endings.find(([, ending]) => ending.test(name))?.[0]
}
