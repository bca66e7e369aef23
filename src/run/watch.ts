import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { byPath, ignoreUnusable, readRun, runFolders, stateOf } from './catalog.ts'
import type { CatalogEntry, StoredRun } from './catalog.ts'
import type { HostProcess } from './host-process.ts'
import { readProgress } from './progress-file.ts'
import type { Progress } from './progress-file.ts'

/** A run, and how far its epoch has come where it trains. */
export type WatchedRun = CatalogEntry & { readonly progress?: Progress }

type Seen = { readonly stamp: string; readonly entry: WatchedRun | undefined }

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
  get runs(): WatchedRun[] {
    return [...this.#seen.values()].flatMap(({ entry }) => entry ?? [])
  }

  run(folder: string): WatchedRun | undefined {
    return this.#seen.get(folder)?.entry
  }

  /** Looks again; resolves to the folders of runs that are new, have changed or are gone. */
  async look(): Promise<string[]> {
    const before = this.#seen
    const folders = await runFolders(this.#base, MOST_LEVELS)
    const now = await Promise.all(
      folders.map(async (folder) => [folder, await this.#seenAt(folder, before.get(folder))] as const),
    )
    this.#seen = new Map(now.toSorted(([a], [b]) => byPath(a, b)))
    const changed = now.filter(([folder, seen]) => before.get(folder)?.stamp !== seen.stamp)
    const gone = [...before.keys()].filter((folder) => !this.#seen.has(folder))
    return [...changed.map(([folder]) => folder), ...gone]
  }

  async #seenAt(folder: string, before: Seen | undefined): Promise<Seen> {
    const files = await Promise.all(['run.json', 'history.csv'].map((name) => stampOf(join(folder, name))))
    const stored = files.join(' ')
    if (before?.stamp.startsWith(`${stored} `) === true) {
      const { entry } = before
      return entry?.record.state === 'running' ? this.#running(stored, entry) : before
    }
    const run = await readRun(folder).catch(ignoreUnusable)
    if (run?.record.state === 'running') return this.#running(stored, run)
    return { stamp: `${stored} `, entry: run && { ...run, state: run.record.state } }
  }

  /** A run that is recorded as running; a process that was killed has not changed any file. */
  async #running(
    stored: string,
    { progress: _, ...run }: StoredRun & { readonly progress?: Progress },
  ): Promise<Seen> {
    const state = await stateOf(run, this.#host)
    const progress = state === 'running' ? await readProgress(run.folder) : undefined
    const stamp = `${stored} ${state} ${progress?.epoch ?? ''} ${progress?.step ?? ''}`
    return { stamp, entry: { ...run, state, ...(progress && { progress }) } }
  }
}

/** runs/NAME/cv-001/trials/KEY. */
const MOST_LEVELS = 4

/** Tells that a file has changed. */
async function stampOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined)
  return found ? `${found.mtimeMs}-${found.size}-${found.ino}` : ''
}
