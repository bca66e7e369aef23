import { randomUUID } from 'node:crypto'
import { lstat, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import * as z from 'zod'

import { errorCode, RunError } from '../errors.ts'
import { attempt } from './atomic.ts'
import { disk, linkNew } from './files.ts'
import type { HostProcess } from './host-process.ts'
import { PlaceError } from './place-error.ts'
import { readJson, readText } from './read-text.ts'

const LOCK = 'run.lock'
/** A lock before it is linked to its place. */
const ASIDE = /^run\.lock\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** The process that works in a run's folder. */
const LockOwner = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** Its start, which tells it from a later process of the same number. */
  started: z.string().optional(),
})
export type LockOwner = z.output<typeof LockOwner>

/** Makes a process the only one that works in a folder; resolves to a function that unlocks it. */
export async function lockRun(folder: string, host: HostProcess): Promise<() => Promise<void>> {
  const path = join(folder, LOCK)
  for (;;) {
    const unlock = await tryLock(path, host)
    if (unlock !== undefined) return unlock
    const owner = await readOwner(path)
    // The lock may have been given up since.
    if (owner !== undefined) throw inUse(folder, path, owner)
  }
}

/** Tells whether the owner of a lock is alive that works on another machine. */
export type IsAliveElsewhere = (owner: LockOwner) => Promise<boolean>

const alwaysAlive: IsAliveElsewhere = () => Promise.resolve(true)

/** Takes a lock, from a process that has ended too; undefined where another has it. Resolves to a function that unlocks. */
export async function tryLock(
  path: string,
  host: HostProcess,
  elsewhere = alwaysAlive,
): Promise<(() => Promise<void>) | undefined> {
  const mine = `${path}.${randomUUID()}`
  const { pid } = host
  const started = await ownStart(host)
  const owner: LockOwner = { pid, host: hostname(), ...(started !== undefined && { started }) }
  const text = `${JSON.stringify(owner)}\n`
  try {
    await attempt(path, () => writeFile(mine, text))
    while (!(await attempt(path, () => linkNew(mine, path)))) {
      if (!(await removeDead(path, mine, host, elsewhere))) return undefined
    }
  } finally {
    await disk.remove(mine)
  }
  return async () => {
    if ((await readText(path)) === text) await disk.remove(path)
  }
}

/** Removes the lock that a process of another machine has left, for one that knows that it is dead. */
export async function unlockElsewhere(folder: string): Promise<void> {
  const path = join(folder, LOCK)
  const owner = await readOwner(path)
  if (owner !== undefined && owner.host !== hostname()) await attempt(path, () => disk.remove(path))
}

/**
 * True where a process has locked a folder of these files, alive or not, or was killed when it was about to: it was a
 * run's, or empty.
 */
export async function wasLocked(folder: string, names: readonly string[]): Promise<boolean> {
  return names.some((name) => ASIDE.test(name)) || (await readOwner(join(folder, LOCK))) !== undefined
}

/** The process that works in a folder, where it is alive. */
export async function ownerOf(folder: string, host: HostProcess): Promise<LockOwner | undefined> {
  const owner = await readOwner(join(folder, LOCK))
  return owner !== undefined && (await isAlive(owner, host)) ? owner : undefined
}

/** Removes the lock of a process that has ended; false where it is alive. `mine` is a file that names this process. */
async function removeDead(
  path: string,
  mine: string,
  host: HostProcess,
  elsewhere: IsAliveElsewhere,
): Promise<boolean> {
  for (const lock of [path, `${path}.taking`]) await requireLock(lock)
  // Where there are no links, a lock may be read before it is whole.
  const owner = (await readOwner(path)) ?? (await sleep(50).then(() => readOwner(path)))
  if (owner !== undefined && (await isAlive(owner, host, elsewhere))) return false
  // One process at a time removes locks: another could remove the lock that the first has made since.
  const taking = `${path}.taking`
  if (!(await attempt(taking, () => linkNew(mine, taking)))) {
    const taker = await readOwner(taking)
    if (taker === undefined || !(await isAlive(taker, host, elsewhere)))
      await attempt(taking, () => disk.remove(taking))
    await sleep(20)
    return true
  }
  try {
    const still = await readOwner(path)
    if (still === undefined || !(await isAlive(still, host, elsewhere)))
      await attempt(path, () => disk.remove(path))
  } finally {
    await disk.remove(taking)
  }
  return true
}

/** Throws for something of the name of a lock that is none, whole or cut off: where power fails, its text may be lost. */
async function requireLock(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  const text = found.isFile() ? await readFile(path, 'utf8').catch(() => BEGIN) : undefined
  if (text === undefined || !BEGIN.startsWith(text.slice(0, BEGIN.length))) {
    throw new RunError(`${path} is not a lock that nnlab wrote`, { hint: 'move it to another folder' })
  }
}

/** Begin of every lock. */
const BEGIN = '{"pid":'

function inUse(folder: string, path: string, owner: LockOwner): PlaceError {
  const elsewhere = owner.host === hostname() ? '' : ` on ${owner.host}`
  return new PlaceError(`${folder} is in use by process ${owner.pid}${elsewhere}`, {
    remedy: elsewhere === '' ? 'wait for it to end' : `if that process has ended, remove ${path}`,
  })
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  // A lock is linked whole: one that cannot be read was damaged later, and names nobody.
  return LockOwner.safeParse(await readJson(path)).data
}

async function isAlive(owner: LockOwner, host: HostProcess, elsewhere = alwaysAlive): Promise<boolean> {
  if (owner.host !== hostname()) return elsewhere(owner)
  if (!isRunning(owner.pid, host)) return false
  const started = await startOf(owner.pid)
  return started === undefined || owner.started === undefined || started === owner.started
}

/** True where a process of this number runs on this machine. */
export function isRunning(pid: number, host: HostProcess): boolean {
  try {
    host.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is alive and another user's.
    return errorCode(error) === 'EPERM'
  }
}

/** The starts of this process, which do not change. */
const ownStarts = new WeakMap<HostProcess, Promise<string | undefined>>()

function ownStart(host: HostProcess): Promise<string | undefined> {
  const known = ownStarts.get(host) ?? startOf(host.pid)
  ownStarts.set(host, known)
  return known
}

/** Start of a process, in clock ticks since the machine's own; undefined where there is no /proc. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The second field is the name in parentheses, which may hold spaces; the start is the 22nd. man 5 proc
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}
