import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { sourceOf } from '../../components/sources/index.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { expand } from '../../table/files/patterns.ts'

/** The absolute paths of what a data section reads: files, folders and all that is in them. */
export async function namedFiles(data: DataSpec, directory: string): Promise<string[]> {
  const source = sourceOf(data)
  const own = Object.entries(data).flatMap(([key, value]) =>
    source.paths.includes(key) ? stringsIn(value) : [],
  )
  const named = [...own, ...stringsIn(source.selection(data).join?.path)]
  return filesOf(named, directory)
}

/** The absolute paths that paths and patterns stand for, with all that is in folders. */
export async function filesOf(patterns: readonly string[], directory: string): Promise<string[]> {
  const files = await expand(
    patterns.filter((path) => path !== '-'),
    directory,
  )
  return (await Promise.all(files.map((path) => withContents(resolve(directory, path))))).flat()
}

/** The string that a value is, or all that are in a list or a map. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

async function withContents(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true }).catch(() => [])
  return [path, ...names.sort().map((name) => join(path, name))]
}
