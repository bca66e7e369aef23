import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { RunError } from '../errors.ts'
import { nearest } from '../nearest.ts'

const LISTED = '`nnlab runs` lists the runs'

/** The error for a path, as it was named, whose folder is not that of a run. */
export function notARun(path: string, folder: string): RunError {
  return existsSync(folder)
    ? new RunError(`${path} is not a run: it has no valid run.json`, {
        hint: runsInside(path, folder) ?? LISTED,
      })
    : new RunError(`there is no run ${path}`, { hint: runsInside(path, folder) ?? LISTED })
}

/** A hint where a folder is that of a sweep or the like, holds runs, or is missing beside runs whose names begin like its own or resemble it. */
export function runsInside(path: string, folder = path): string | undefined {
  if (existsSync(join(folder, 'trials')) || runsIn(folder).length > 0)
    return `it holds several runs: name one of those that \`nnlab runs ${path}\` lists`
  if (existsSync(folder)) return undefined
  const [name, siblings] = [basename(folder), runsIn(dirname(folder))]
  const isSame = (one: string): boolean => one.startsWith(`${name}-`) || Number(one) === Number(name)
  const meant = siblings.find(isSame) ?? (/\d/.test(name) ? undefined : nearest(name, siblings))
  return meant === undefined ? undefined : `did you mean ${join(dirname(path), meant)}?`
}

/** The names of the runs in a folder, in order. */
function runsIn(folder: string): string[] {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  const names = isFolder ? readdirSync(folder).toSorted() : []
  return names.filter((name) => existsSync(join(folder, name, 'run.json')))
}
