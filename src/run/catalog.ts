import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { RunError } from '../errors.ts'
import { Checkpoints } from './checkpoints.ts'
import { readHistory } from './history.ts'
import type { RunHistory } from './history.ts'
import type { HostProcess } from './host-process.ts'
import { ownerOf } from './lock.ts'
import { readRecord } from './record.ts'
import type { RunRecord } from './record.ts'
import { readJson } from './read-text.ts'

/** State of a run: `killed` where it is recorded as running, but its process has ended. */
export type RunState = RunRecord['state'] | 'killed'

/** The files of a run folder, read. */
export type StoredRun = {
  readonly folder: string
  readonly record: RunRecord
  readonly history: RunHistory
  /** spec.json as plain data. */
  readonly spec: unknown
}

export type CatalogEntry = StoredRun & { readonly state: RunState }

/** The folder of the group that a run is a trial of. */
export function groupFolder(run: string): string | undefined {
  const trials = dirname(run)
  return basename(trials) === 'trials' ? dirname(trials) : undefined
}

/** The runs below a folder such as `runs`, by path: plain ones at NAME/NNN, or trials at NAME/cv-NNN/trials/KEY. */
export async function listRuns(base: string, host: HostProcess, trials: boolean): Promise<CatalogEntry[]> {
  const found = (await runsBelow(base, trials ? 4 : 2, host)).filter(
    ({ folder }) => !trials || groupFolder(folder) !== undefined,
  )
  return found.toSorted((a, b) => byPath(a.folder, b.folder))
}

/** The order of paths, with numbers by their size: run 1000 follows 999. */
export function byPath(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** One run, or undefined where the folder holds none. */
export async function readRun(folder: string): Promise<StoredRun | undefined> {
  const record = await readRecord(folder)
  if (record === undefined) return undefined
  return {
    folder,
    record,
    history: await readHistory(folder),
    spec: await readJson(join(folder, 'spec.json')),
  }
}

/** True where a run has done anything that it could be resumed from, or that is worth keeping. */
export async function hasTrained({ folder, record }: Pick<StoredRun, 'folder' | 'record'>): Promise<boolean> {
  if (record.base !== undefined || (await readHistory(folder)).last > 0) return true
  return (await new Checkpoints(folder, record.id).list()).length > 0
}

/** State of a run, which a process that was killed could not record. */
export async function stateOf(
  { folder, record }: Pick<StoredRun, 'folder' | 'record'>,
  host: HostProcess,
): Promise<RunState> {
  const killed = record.state === 'running' && (await ownerOf(folder, host)) === undefined
  return killed ? 'killed' : record.state
}

async function runsBelow(folder: string, depth: number, host: HostProcess): Promise<CatalogEntry[]> {
  const folders = await runFolders(folder, depth)
  // A folder whose record cannot be read is none that can be listed.
  const runs = await Promise.all(folders.map((path) => readRun(path).catch(ignoreUnusable)))
  const found = runs.filter((run) => run !== undefined)
  return Promise.all(found.map(async (run) => ({ ...run, state: await stateOf(run, host) })))
}

/** The folders with a run.json, to a depth below a folder. */
export function runFolders(folder: string, depth: number): Promise<string[]> {
  return foldersWith(RECORD, folder, depth)
}

const RECORD: ReadonlySet<string> = new Set(['run.json'])

/** The folders that have an entry of one of some names, to a depth below a folder; none is in another. */
export async function foldersWith(
  names: ReadonlySet<string>,
  folder: string,
  depth: number,
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  if (entries.some(({ name }) => names.has(name))) return [folder]
  if (depth === 0) return []
  // Links such as `latest` lead to runs that are listed anyway.
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
  return (await Promise.all(folders.map((path) => foldersWith(names, path, depth - 1)))).flat()
}

/** Makes nothing of a run that cannot be read. */
export function ignoreUnusable(error: unknown): undefined {
  if (!(error instanceof RunError)) throw error
}
