import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { disk } from './files.ts'
import type { Contents, FileSystem } from './files.ts'
import { PlaceError } from './place-error.ts'

/** Part of the names of files and folders that are being written or removed. */
export const ASIDE = '.part-'

/** The place that a path leads to: where it is a link, that of the file which the link names, even if there is none. */
export async function linkedPlace(path: string, depth = 0): Promise<string> {
  const target = await readlink(path).catch(() => undefined)
  if (target === undefined || depth === MOST_LINKS) return path
  return linkedPlace(resolve(await realpath(dirname(path)), target), depth + 1)
}

/** As many as Linux follows. */
const MOST_LINKS = 40

/** Writes a file of the user's as `writeFileAtomic` does, where a link leads. */
export async function writeResultAtomic(path: string, contents: Contents, files?: FileSystem): Promise<void> {
  await writeFileAtomic(await linkedPlace(path), contents, files)
}

/**
 * Writes a file whole or not at all: under another name, synced, then renamed over the old one, but over no link, device or
 * pipe.
 */
export async function writeFileAtomic(
  path: string,
  contents: Contents,
  files: FileSystem = disk,
): Promise<void> {
  const aside = `${path}${ASIDE}${randomUUID()}`
  await requireNoOther(path)
  await attempt(path, async () => {
    try {
      await files.write(aside, contents)
      await files.rename(aside, path)
      await files.syncFolder(dirname(path))
    } catch (error) {
      await files.remove(aside)
      throw error
    }
  })
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
  for (const name of names) await requireNoOther(join(folder, name))
  await attempt(folder, async () => {
    try {
      for (const each of folders) await files.makeFolder(each)
      await allWritten(Array.from(contents, ([name, bytes]) => files.write(aside(name), bytes)))
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

/** Throws for what a file of ours must not replace. */
export async function requireNoOther(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined || found.isFile()) return
  if (found.isDirectory()) {
    const { why, mend } = FOLDER_IN_WAY
    throw new PlaceError(`cannot write ${path}: ${why}`, { remedy: `${mend} and try again` })
  }
  const what = found.isSymbolicLink() ? 'link' : 'device or a pipe'
  throw new PlaceError(`cannot write ${path}: it is a ${what}, not a file`)
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
  named: string,
  contents: ReadonlyMap<string, Contents>,
  files: FileSystem = disk,
  owner = '',
): Promise<void> {
  // What a link leads to is replaced, not the link.
  const path = await realpath(named).catch(() => named)
  const own = `${owner}${randomUUID()}`
  const aside = `${path}${ASIDE}${own}`
  const old = `${path}${ASIDE}old-${own}`
  await attempt(path, async () => {
    let replaced = false
    try {
      await files.makeFolder(aside)
      await allWritten(Array.from(contents, ([name, bytes]) => files.write(join(aside, name), bytes)))
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

/** Waits for all files: where one fails, none is being written any more when they are removed. */
async function allWritten(writing: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(writing)
  await Promise.all(writing)
}

/** Makes a folder and its parents where they are missing. */
export function makeFolder(path: string, files: FileSystem = disk): Promise<void> {
  return attempt(path, () => files.makeFolder(path))
}

/** Runs an action; a failure to write becomes a message for the user. */
export async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw cannotWrite(path, error)
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

/** A PlaceError for what the system refused; any other error as it is, since a bug is not to be tried again. */
function cannotWrite(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error && 'syscall' in error)) return error
  const { why, mend, lasts } = REASONS[String(error.code)] ?? { why: error.message }
  const message = `cannot write ${path}: ${why}`
  const remedy = mend === undefined ? undefined : `${mend} and try again`
  if (lasts) return new PlaceError(message, { remedy, cause: error })
  return new WriteError(message, { remedy: remedy ?? 'try again', cause: error })
}

/** A file that cannot be written now, but perhaps can be later. */
export class WriteError extends PlaceError {}

type Reason = {
  readonly why: string
  /** Action that makes the path usable. */
  readonly mend?: string
  /** True where waiting does not. */
  readonly lasts?: true
}

const DENIED: Reason = { why: 'permission denied', mend: 'make it writable' }
const FOLDER_IN_WAY = { why: 'a folder of that name is in the way', mend: 'move it', lasts: true } as const

/** Words for what the system says of a path. */
export const REASONS: Readonly<Record<string, Reason>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { why: 'the file system is read-only', mend: 'make it writable' },
  ENOSPC: { why: 'the disk is full', mend: 'make room' },
  EDQUOT: { why: 'the disk quota is used up', mend: 'make room' },
  ENOTDIR: { why: 'a part of the path is a file', mend: 'move that file', lasts: true },
  EEXIST: { why: 'a file of that name is in the way', mend: 'move it' },
  EISDIR: FOLDER_IN_WAY,
  ERR_FS_EISDIR: FOLDER_IN_WAY,
  ENOENT: { why: 'its folder is not there', mend: 'create it', lasts: true },
  ENXIO: { why: 'it is a pipe or a socket, not a file', lasts: true },
  ELOOP: { why: 'its links lead in a circle', lasts: true },
  ENAMETOOLONG: { why: 'its name is too long', lasts: true },
  EFBIG: {
    why: 'it would be larger than the limit on files (`ulimit -f`)',
    mend: 'raise the limit',
    lasts: true,
  },
  EMFILE: { why: 'too many files are open (`ulimit -n`)', mend: 'raise the limit', lasts: true },
  ENFILE: { why: 'too many files are open on this machine', mend: 'close some' },
}
