import { constants } from 'node:fs'
import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pid } from 'node:process'

import { RunError } from '../errors.ts'

/** Writes a file whole or not at all: aside, synced, then renamed over what was there. */
export async function writeFileAtomic(path: string, contents: string | Uint8Array): Promise<void> {
  const aside = `${path}.part-${pid}`
  await attempt(path, async () => {
    try {
      await writeSynced(aside, contents)
      await rename(aside, path)
      await syncFolder(dirname(path))
    } catch (error) {
      await rm(aside, { force: true })
      throw error
    }
  })
}

/** Writes a folder of files whole or not at all; what was there before is replaced. */
export async function writeFolderAtomic(
  path: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const aside = `${path}.part-${pid}`
  const old = `${path}.old-${pid}`
  await attempt(path, async () => {
    try {
      await rm(aside, { recursive: true, force: true })
      await mkdir(aside, { recursive: true })
      for (const [name, contents] of files) await writeSynced(join(aside, name), contents)
      await syncFolder(aside)
      const replaced = await exists(path)
      if (replaced) await rename(path, old)
      await rename(aside, path)
      await syncFolder(dirname(path))
      if (replaced) await rm(old, { recursive: true, force: true })
    } catch (error) {
      await rm(aside, { recursive: true, force: true })
      throw error
    }
  })
}

/** Turns a failure to write into a message for the user. */
export async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** The same for an action that does not wait. */
export function attemptSync<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

function cannotWrite(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const why = WHY[String(error.code)] ?? error.message
  return new RunError(`cannot write ${path}: ${why}`, {
    hint: 'choose another folder with --run-dir, or make room and try again',
    cause: error,
  })
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is in the way',
}

async function writeSynced(path: string, contents: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(contents)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
