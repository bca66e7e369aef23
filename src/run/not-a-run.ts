import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { RunError } from '../errors.ts'

const LISTED = '`nnlab runs` lists the runs'

/** The error for a path, as it was named, whose folder is not that of a run. */
export function notARun(path: string, folder: string): RunError {
  return existsSync(folder)
    ? new RunError(`${path} is not a run: it has no valid run.json`, {
        hint: runsInside(path, folder) ?? LISTED,
      })
    : new RunError(`there is no run ${path}`, { hint: LISTED })
}

/** A hint where a folder is that of a sweep, a cross-validation or seeds. */
export function runsInside(path: string, folder = path): string | undefined {
  return existsSync(join(folder, 'trials'))
    ? `it holds several runs: name one of those that \`nnlab runs ${path}\` lists`
    : undefined
}
