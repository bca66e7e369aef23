import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import type { DatasetPlaces, FetchEvent } from '../table/files/fetch.ts'
import type { Io } from '../cli/io.ts'

/** Where this process finds known data sets, and who tells that one is fetched. */
export function datasetPlaces(io: Io): DatasetPlaces {
  const folder = io.env['NNLAB_DATA_DIR']
  return {
    folder: folder ? resolve(io.cwd, folder) : undefined,
    cache: join(cacheFolder(io.env), 'nnlab'),
    watch: shown(io),
  }
}

/** Shows what is fetched; what draws it is loaded when something is. */
function shown({ stderr }: Io): DatasetPlaces['watch'] {
  let show: ((event: FetchEvent) => void) | undefined
  return async (event) => {
    show ??= (await import('../report/text/fetch-progress.ts')).fetchProgress(stderr)
    show(event)
  }
}

/** The platform's folder for what can be fetched again. https://specifications.freedesktop.org/basedir-spec */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME']
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local')
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}
