import { constants, fsync, writeSync } from 'node:fs'
import { mkdir, open, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname } from 'node:path'

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
  rename,
  remove: (path) => unlink(path).catch(unlessMissing),
  removeFolder: (path) =>
    rmdir(path).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error
    }),
  writeAt: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  sync: (file) =>
    new Promise((resolve, reject) => {
      fsync(file, (error) => (error === null ? resolve() : reject(error)))
    }),
}

function unlessMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error
}

/** False where something of that name is there already. */
export function unlessThere(error: unknown): false {
  if (errorCode(error) !== 'EEXIST') throw error
  return false
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
