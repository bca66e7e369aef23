import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { readHistory } from './history.ts'
import type { History } from './history.ts'
import { ownerOf } from './lock.ts'
import { readRecord } from './record.ts'
import type { RunRecord } from './record.ts'

/** `killed`: it says that it is running, but no process is. */
export type RunState = RunRecord['state'] | 'killed'

export type CatalogEntry = {
  readonly folder: string
  readonly record: RunRecord
  readonly state: RunState
  readonly history: History
  /** spec.json as plain data. */
  readonly spec: unknown
}

/** The runs below a folder such as `runs`, by path. */
export async function listRuns(base: string): Promise<CatalogEntry[]> {
  const found = await runsBelow(base, 2)
  return found.toSorted((a, b) => a.folder.localeCompare(b.folder))
}

/** One run, or undefined where the folder holds none. */
export async function readRun(folder: string): Promise<CatalogEntry | undefined> {
  const record = await readRecord(folder)
  if (record === undefined) return undefined
  const killed = record.state === 'running' && (await ownerOf(folder)) === undefined
  return {
    folder,
    record,
    state: killed ? 'killed' : record.state,
    history: await readHistory(folder),
    spec: await readJson(join(folder, 'spec.json')),
  }
}

async function runsBelow(folder: string, depth: number): Promise<CatalogEntry[]> {
  const own = await readRun(folder)
  if (own !== undefined) return [own]
  if (depth === 0) return []
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  // Links such as `latest` lead to runs that are listed anyway.
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
  return (await Promise.all(folders.map((path) => runsBelow(path, depth - 1)))).flat()
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
