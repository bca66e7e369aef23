import { relative } from 'node:path'

/** A rule for make, with paths that start from a folder. */
export function makeRule(target: string, prerequisites: readonly string[], cwd: string): string {
  const files = [...new Set(prerequisites)].map((file) => escape(relative(cwd, file)))
  return `${escape(target)}: ${files.join(' ')}\n`
}

/** As make reads names: a dollar is doubled, and a backslash takes other signs their meaning. */
function escape(path: string): string {
  return path.replaceAll(/[ #:%*?[\]]|^~/g, '\\$&').replaceAll('$', '$$$$')
}
