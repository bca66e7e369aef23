import { join, relative, resolve } from 'node:path'

import type { Experiment } from '../model/experiment.ts'

/** The keys of the data section that name files or folders. */
const PATHS = ['path', 'folder', 'images', 'labels', 'paths', 'train', 'test']

/** A rule for make: the model of a run depends on the config, the files that it extends and its data. */
export function makeRule(
  { document, spec }: Experiment,
  dataFolder: string,
  runFolder: string | undefined,
  cwd: string,
): string {
  const target = join(runFolder ?? join('runs', spec.name, 'latest'), 'model', 'model.json')
  const data = Object.entries(spec.data)
    .filter(([key]) => PATHS.includes(key))
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]))
    .flatMap((value) => (typeof value === 'string' && value !== '-' ? [resolve(dataFolder, value)] : []))
  const files = [...document.sources.keys()].filter((file) => file.startsWith('/') || /^[A-Za-z]:/.test(file))
  const prerequisites = [...new Set([...files, ...data])].map((file) => escape(relative(cwd, file)))
  return `${escape(target)}: ${prerequisites.join(' ')}\n`
}

/** Spaces, dollars and number signs mean something to make. */
function escape(path: string): string {
  return path.replaceAll(/[ #]/g, '\\$&').replaceAll('$', '$$$$')
}
