import { constants, fsync, writeSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Contents = string | Uint8Array | readonly Uint8Array[]

/** What a run needs of the file system that it writes to; tests bring slow ones and full ones. */
export interface Files {
  /** Writes a file and waits until it is on the disk. */
  write(path: string, contents: Contents): Promise<void>
  /** Makes a folder, and those that it is in, where they are not there. */
  makeFolder(path: string): Promise<void>
  /** Waits until what was made and renamed in a folder is on the disk. */
  syncFolder(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a folder, which may be missing. */
  remove(path: string): Promise<void>
  /** Writes to an open file at a position; returns how many bytes it took. */
  writeAt(file: number, bytes: Uint8Array, position: number): number
  /** Waits until an open file is on the disk. */
  sync(file: number): Promise<void>
}

/** The machine's own file system. */
export const disk: Files = {
  async write(path, contents) {
    const file = await open(path, 'w')
    try {
      for (const part of partsOf(contents)) await file.writeFile(part)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  makeFolder,
  async syncFolder(path) {
    const folder = await open(path, constants.O_RDONLY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  writeAt: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  sync: (file) =>
    new Promise((resolve, reject) => {
      fsync(file, (error) => (error === null ? resolve() : reject(error)))
    }),
}

/** Node's own `recursive` says ENOENT where the file system is read-only. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await makeFolder(path)
  }
}

/** A file handle writes each part after the one before. */
function partsOf(contents: Contents): readonly (string | Uint8Array)[] {
  return typeof contents === 'string' || contents instanceof Uint8Array ? [contents] : contents
}
