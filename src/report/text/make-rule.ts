import { relative } from 'node:path'

import { portablePath } from '../../portable-path.ts'

/** A rule for make, with paths relative to a folder. */
export function makeRule(target: string, prerequisites: readonly string[], cwd: string): string {
  const files = [...new Set(prerequisites)].map((file) => escape(relative(cwd, file)))
  return `${escape(target)}: ${files.join(' ')}\n`
}

/** Escapes a path for make: dollar signs are doubled, other special characters get a backslash. */
function escape(path: string): string {
  return portablePath(path)
    .replaceAll(/[ #:%*?[\]]|^~/g, '\\$&')
    .replaceAll('$', '$$$$')
}
