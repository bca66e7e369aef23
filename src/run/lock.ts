import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { kill, pid } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import { attempt } from './atomic.ts'

const FILE = 'run.lock'

/** The process that works in a run's folder. */
const Owner = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** When it was started, so that a later process of the same number is not taken for it. */
  started: z.string().optional(),
})
export type Owner = z.output<typeof Owner>

/** Makes this process the only one that works in a folder; resolves to what ends that. */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, FILE)
  const mine = `${path}.${randomUUID()}`
  const started = await startOf(pid)
  const owner: Owner = { pid, host: hostname(), ...(started !== undefined && { started }) }
  const text = `${JSON.stringify(owner)}\n`
  try {
    await attempt(path, () => writeFile(mine, text))
    while (!(await attempt(path, () => linkNew(mine, path)))) await removeDead(folder, path, mine)
  } finally {
    await rm(mine, { force: true })
  }
  return async () => {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) await rm(path, { force: true })
  }
}

/** The process that works in a folder, where it is alive. */
export async function ownerOf(folder: string): Promise<Owner | undefined> {
  const owner = await readOwner(join(folder, FILE))
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined
}

/** Takes a lock away from a process that has ended, or refuses. `mine` is a file that names this process. */
async function removeDead(folder: string, path: string, mine: string): Promise<void> {
  const owner = await readOwner(path)
  if (owner !== undefined && (await isAlive(owner))) throw inUse(folder, path, owner)
  // One process at a time takes locks away: another one could take away the lock that the first has made since.
  const taking = `${path}.taking`
  if (!(await attempt(taking, () => linkNew(mine, taking)))) {
    const taker = await readOwner(taking)
    if (taker === undefined || !(await isAlive(taker))) await rm(taking, { force: true })
    await sleep(20)
    return
  }
  try {
    const still = await readOwner(path)
    if (still === undefined || !(await isAlive(still))) await rm(path, { force: true })
  } finally {
    await rm(taking, { force: true })
  }
}

function inUse(folder: string, path: string, owner: Owner): RunError {
  const elsewhere = owner.host === hostname() ? '' : ` on ${owner.host}`
  return new RunError(`${folder} is in use by process ${owner.pid}${elsewhere}`, {
    hint:
      elsewhere === ''
        ? 'wait for it to end, or choose another folder with --run-dir'
        : `if that process has ended, remove ${path}`,
  })
}

async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return Owner.safeParse(JSON.parse(text)).data
  } catch {
    // A lock is linked whole: what cannot be read was damaged later, and names nobody.
    return undefined
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) return true
  try {
    kill(owner.pid, 0)
  } catch (error) {
    // EPERM: it is alive and another user's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const started = await startOf(owner.pid)
  return started === undefined || owner.started === undefined || started === owner.started
}

/** When a process was started, in clock ticks since the machine was; undefined where there is no /proc. */
async function startOf(process: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${process}/stat`, 'utf8').catch(() => undefined)
  // The second field is the name in parentheses, which may hold spaces; the start is the 22nd. man 5 proc
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

function linkNew(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}
