import { DataError } from '../../errors.ts'
import { portablePath } from '../../portable-path.ts'

/** True for a pattern of names, such as `*.csv`. */
export function isPattern(path: string): boolean {
  return /[*?[\]{}]/.test(path)
}

/** The files that paths and patterns stand for, in order; those of a pattern are sorted by name. */
export async function expand(patterns: readonly string[], directory: string): Promise<string[]> {
  const files: (readonly string[])[] = []
  for (const pattern of patterns)
    files.push(isPattern(pattern) ? await matching(pattern, directory) : [pattern])
  return files.flat()
}

async function matching(pattern: string, directory: string): Promise<string[]> {
  const { escapePath, glob } = await import('tinyglobby')
  const options = { cwd: directory, expandDirectories: false, followSymbolicLinks: true }
  const files = await glob(portablePath(pattern), options)
  // A file may really be called data[1].csv.
  const found = files.length > 0 ? files : await glob(escapePath(pattern), options)
  if (found.length > 0) return found.sort()
  throw new DataError(`${pattern}: no file matches this pattern in ${directory}`)
}
