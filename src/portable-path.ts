import { sep } from 'node:path'

/** A path as all systems read it: with slashes, which Windows takes for its backslashes. */
export function portablePath(path: string, separator = sep): string {
  return separator === '/' ? path : path.replaceAll(separator, '/')
}
