import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { kill, pid } from 'node:process'

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
  const mine = `${path}.${pid}`
  const started = await startOf(pid)
  const owner: Owner = { pid, host: hostname(), ...(started !== undefined && { started }) }
  const text = `${JSON.stringify(owner)}\n`
  await attempt(path, () => writeFile(mine, text))
  try {
    while (!(await attempt(path, () => linkNew(mine, path)))) await removeDead(folder, path)
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

/** Takes a lock away from a process that has ended, or refuses. */
async function removeDead(folder: string, path: string): Promise<void> {
  const owner = await readOwner(path)
  if (owner !== undefined && (await isAlive(owner))) {
    const elsewhere = owner.host === hostname() ? '' : ` on ${owner.host}`
    throw new RunError(`${folder} is in use by process ${owner.pid}${elsewhere}`, {
      hint:
        elsewhere === ''
          ? 'wait for it to end, or choose another folder with --run-dir'
          : `if that process has ended, remove ${path}`,
    })
  }
  const aside = `${path}.dead-${pid}`
  const moved = await attempt(path, () => renameIfThere(path, aside))
  if (!moved) return
  const taken = await readOwner(aside)
  // Another process was faster, and what was moved is its new lock.
  if (taken !== undefined && (await isAlive(taken))) await linkNew(aside, path)
  await rm(aside, { force: true })
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
  return link(from, to).then(() => true, refusedWith('EEXIST'))
}

function renameIfThere(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(() => true, refusedWith('ENOENT'))
}

function refusedWith(code: string): (error: NodeJS.ErrnoException) => boolean {
  return (error) => {
    if (error.code === code) return false
    throw error
  }
}
