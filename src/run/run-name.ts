import { relative } from 'node:path'

/** The path of a run folder from the current folder, as messages name it. */
export function runName(folder: string, cwd: string): string {
  return relative(cwd, folder) || '.'
}
