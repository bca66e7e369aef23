import { constants, fsync, writeSync } from 'node:fs'
import { copyFile, link, mkdir, open, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { errorCode } from '../errors.ts'

export type Contents = string | Uint8Array | readonly Uint8Array[] | AsyncIterable<string>

/** Operations of the file system that runs are written to; tests bring slow ones and full ones. */
export interface FileSystem {
  /** Writes a file and waits until it is on the disk. */
  write(path: string, contents: Contents): Promise<void>
  /** Makes a folder and its parents where they are missing. */
  makeFolder(path: string): Promise<void>
  /** Waits until the entries of a folder are on the disk. */
  syncFolder(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, which may be missing. */
  remove(path: string): Promise<void>
  /** Removes a folder where it is empty; a link that leads to one stays. */
  removeFolder(path: string): Promise<void>
  /** Writes to an open file at a position; returns the number of bytes written. */
  writeAt(file: number, bytes: Uint8Array, position: number): number
  /** Waits until an open file is on the disk. */
  sync(file: number): Promise<void>
}

/** The machine's own file system. */
export const disk: FileSystem = {
  async write(path, contents) {
    const file = await open(path, 'w')
    try {
      for await (const part of partsOf(contents)) await file.writeFile(part)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  makeFolder,
  async syncFolder(path) {
    // Windows has no call for it.
    if (platform() === 'win32') return
    const folder = await open(path, constants.O_RDONLY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  rename: (from, to) => patiently(() => rename(from, to)),
  remove: (path) => patiently(() => unlink(path)).catch(unlessMissing),
  removeFolder: (path) =>
    patiently(() => rmdir(path)).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error
    }),
  writeAt: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  sync: (file) =>
    new Promise((resolve, reject) => {
      fsync(file, (error) => (error === null ? resolve() : reject(error)))
    }),
}

/** Errors of Windows for what another program, such as a virus scanner, has open, and the longest wait for it to end. */
const HELD = ['EPERM', 'EACCES', 'EBUSY']
const LONGEST_WAIT_MS = 1000

/** Tries again on Windows, with longer and longer waits, where a file may be in use for a moment. */
export async function patiently<T>(act: () => Promise<T>, system: NodeJS.Platform = platform()): Promise<T> {
  for (let wait = 10; ; wait *= 2) {
    try {
      return await act()
    } catch (error) {
      if (system !== 'win32' || wait > LONGEST_WAIT_MS || !HELD.includes(errorCode(error) ?? '')) throw error
      await setTimeout(wait)
    }
  }
}

function unlessMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error
}

/** False where something of that name is there already. */
export function unlessThere(error: unknown): false {
  if (errorCode(error) !== 'EEXIST') throw error
  return false
}

/** Errors of file systems that have no links: FAT, exFAT and some network shares. */
const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS']

/** False where a file system has no links. */
export function unlessWithoutLinks(error: unknown): false {
  if (!WITHOUT_LINKS.includes(errorCode(error) ?? '')) throw error
  return false
}

/** Gives a file a further name, which must be new, or a copy of it where there are no links; false where the name is taken. */
export async function linkNew(from: string, to: string, make = link): Promise<boolean> {
  const copy = (): Promise<void> => copyFile(from, to, constants.COPYFILE_EXCL)
  const made = make(from, to).catch((error: unknown) => unlessWithoutLinks(error) || copy())
  return made.then(() => true, unlessThere)
}

/** Makes a folder and its parents; Node's own `recursive` fails with ENOENT where the file system is read-only. */
async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    // Some file systems, such as /proc, answer ENOENT although the parent is there; another may have made it since.
    if (!(await isFolder(dirname(path)))) await makeFolder(dirname(path))
    await makeOne(path)
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || !(await isFolder(path))) throw error
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** Contents as parts to be written one after another. */
export function partsOf(contents: Contents): Iterable<string | Uint8Array> | AsyncIterable<string> {
  return typeof contents === 'string' || contents instanceof Uint8Array ? [contents] : contents
}
