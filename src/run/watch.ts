import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { ignoreUnusable, readRun, runFolders, stateOf } from './catalog.ts'
import type { CatalogEntry } from './catalog.ts'
import type { HostProcess } from './host-process.ts'

type Seen = { readonly stamp: string; readonly entry: CatalogEntry | undefined }

/** The runs below a folder as they change on disk: only what has changed since the last look is read. */
export class RunWatch {
  readonly #base: string
  readonly #host: HostProcess
  #seen = new Map<string, Seen>()

  constructor(base: string, host: HostProcess) {
    this.#base = base
    this.#host = host
  }

  /** All runs, by path: plain ones, and those of cross-validations, seeds and sweeps. */
  get runs(): CatalogEntry[] {
    return [...this.#seen.values()].flatMap(({ entry }) => entry ?? [])
  }

  run(folder: string): CatalogEntry | undefined {
    return this.#seen.get(folder)?.entry
  }

  /** Looks again; resolves to the folders of runs that are new, have changed or are gone. */
  async look(): Promise<string[]> {
    const before = this.#seen
    const folders = await runFolders(this.#base, MOST_LEVELS)
    const now = await Promise.all(
      folders.map(async (folder) => [folder, await this.#seenAt(folder, before.get(folder))] as const),
    )
    this.#seen = new Map(now.toSorted(([a], [b]) => a.localeCompare(b)))
    const changed = now.filter(([folder, seen]) => before.get(folder)?.stamp !== seen.stamp)
    const gone = [...before.keys()].filter((folder) => !this.#seen.has(folder))
    return [...changed.map(([folder]) => folder), ...gone]
  }

  async #seenAt(folder: string, before: Seen | undefined): Promise<Seen> {
    const files = await Promise.all(['run.json', 'history.csv'].map((name) => stampOf(join(folder, name))))
    const stored = files.join(' ')
    if (before?.stamp.startsWith(`${stored} `) === true) {
      const { entry } = before
      if (entry?.record.state !== 'running') return before
      // A process that was killed has not changed any file.
      const state = await stateOf(entry, this.#host)
      return { stamp: `${stored} ${state}`, entry: { ...entry, state } }
    }
    const run = await readRun(folder).catch(ignoreUnusable)
    const entry = run && { ...run, state: await stateOf(run, this.#host) }
    return { stamp: `${stored} ${entry?.state ?? ''}`, entry }
  }
}

/** runs/NAME/cv-001/trials/KEY. */
const MOST_LEVELS = 4

/** Tells that a file has changed. */
async function stampOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined)
  return found ? `${found.mtimeMs}-${found.size}-${found.ino}` : ''
}
