import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { RunError } from '../errors.ts'
import type { Hint } from '../errors.ts'
import { disk } from './files.ts'
import type { Contents, FileSystem } from './files.ts'

/** Part of the names of files and folders that are being written or removed. */
export const ASIDE = '.part-'

/**
 * Writes a file whole or not at all: under another name, synced, then renamed over the old one, but over no device or pipe.
 * A failure names the option for another place.
 */
export async function writeFileAtomic(
  path: string,
  contents: Contents,
  files: FileSystem = disk,
  option?: string,
): Promise<void> {
  const aside = `${path}${ASIDE}${randomUUID()}`
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isFile() && !found.isDirectory()) {
    throw new RunError(`cannot write ${path}: it is a device or a pipe, not a file`, { hint: 'name a file' })
  }
  const write = async (): Promise<void> => {
    try {
      await files.write(aside, contents)
      await files.rename(aside, path)
      await files.syncFolder(dirname(path))
    } catch (error) {
      await files.remove(aside)
      throw error
    }
  }
  await attempt(path, write, option)
}

/**
 * Writes files below a folder, each whole or not at all, and all or none unless the process is killed in between: then the
 * last ones are missing. They wait for the disk together, folders in the order of their files.
 */
export async function writeFilesAtomic(
  folder: string,
  contents: ReadonlyMap<string, Contents>,
  files: FileSystem = disk,
): Promise<void> {
  const own = randomUUID()
  const aside = (name: string): string => join(folder, `${name}${ASIDE}${own}`)
  const folderOf = (name: string): string => dirname(join(folder, name))
  const names = [...contents.keys()]
  const folders = [...new Set(names.map(folderOf))]
  await attempt(folder, async () => {
    try {
      for (const each of folders) await files.makeFolder(each)
      const written = Array.from(contents, ([name, bytes]) => files.write(aside(name), bytes))
      // None is being written any more when the others are removed.
      await Promise.allSettled(written)
      await Promise.all(written)
      for (const each of folders) {
        for (const name of names)
          if (folderOf(name) === each) await files.rename(aside(name), join(folder, name))
        await files.syncFolder(each)
      }
    } catch (error) {
      for (const name of names) await files.remove(aside(name))
      throw error
    }
  })
}

/** Removes files of a folder, and the folder where there is nothing else in it. */
export async function removeFiles(
  folder: string,
  names: Iterable<string>,
  files: FileSystem = disk,
): Promise<void> {
  for (const name of names) await files.remove(join(folder, name))
  await files.removeFolder(folder)
}

/**
 * Writes a folder of files whole or not at all; it replaces an old one of the same files, whose other files it keeps. The
 * names of what is being written or removed have the mark of its owner.
 */
export async function writeFolderAtomic(
  path: string,
  contents: ReadonlyMap<string, Contents>,
  files: FileSystem = disk,
  owner = '',
): Promise<void> {
  const own = `${owner}${randomUUID()}`
  const aside = `${path}${ASIDE}${own}`
  const old = `${path}${ASIDE}old-${own}`
  await attempt(path, async () => {
    let replaced = false
    try {
      await files.makeFolder(aside)
      await Promise.all(Array.from(contents, ([name, bytes]) => files.write(join(aside, name), bytes)))
      await files.syncFolder(aside)
      replaced = existsSync(path)
      if (replaced) await files.rename(path, old)
      await files.rename(aside, path)
      await files.syncFolder(dirname(path))
      if (!replaced) return
      await removeFiles(old, contents.keys(), files)
      for (const name of await readdir(old).catch(() => []))
        await files.rename(join(old, name), join(path, name))
      await files.removeFolder(old)
    } catch (error) {
      await removeFiles(aside, contents.keys(), files)
      if (replaced && !existsSync(path)) await files.rename(old, path)
      throw error
    }
  })
}

/** Runs an action; a failure to write becomes a message for the user. */
export async function attempt<T>(path: string, action: () => Promise<T>, option?: string): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw cannotWrite(path, error, option)
  }
}

/** Same for a synchronous action. */
export function attemptSync<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** A WriteError for what the system refused; any other error as it is, since a bug is not to be tried again. */
function cannotWrite(path: string, error: unknown, option = 'runDir'): unknown {
  if (!(error instanceof Error) || !('code' in error && 'syscall' in error)) return error
  const code = String(error.code)
  const message = `cannot write ${path}: ${WHY[code] ?? error.message}`
  if (LASTING.has(code)) {
    return new RunError(message, {
      hint: (nameOf) => `choose another folder with ${nameOf(option)}`,
      cause: error,
    })
  }
  const hint: Hint = (nameOf) => `choose another folder with ${nameOf(option)}, or make room and try again`
  return new WriteError(message, { hint, cause: error })
}

/** A file that cannot be written now, but perhaps can be later. */
export class WriteError extends RunError {}

/** Words for what the system says of a path. */
export const WHY: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'a folder of that name is in the way',
  ERR_FS_EISDIR: 'a folder of that name is in the way',
  ENOENT: 'its folder is not there',
  ENXIO: 'it is a pipe or a socket, not a file',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EFBIG: 'it would be larger than the limit on files (`ulimit -f`)',
  EMFILE: 'too many files are open (`ulimit -n`)',
  ENFILE: 'too many files are open on this machine',
}

/** Failures that waiting does not mend. */
const LASTING: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ERR_FS_EISDIR',
  'ENXIO',
  'ELOOP',
  'ENAMETOOLONG',
  'EFBIG',
])
