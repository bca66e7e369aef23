import { randomUUID } from 'node:crypto'
import { lstat, readdir, readlink, realpath, rename, symlink } from 'node:fs/promises'
import { platform } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'

import { errorCode, RunError } from '../errors.ts'
import { list } from '../wording.ts'
import { ASIDE, attempt, makeFolder, REASONS } from './atomic.ts'
import { BASE, BASE_MODEL } from './base.ts'
import { CHECKPOINT_FILES } from './checkpoint-files.ts'
import { disk, unlessWithoutLinks } from './files.ts'
import { wasLocked } from './lock.ts'
import { MODEL_FILES } from './model-files.ts'
import { createNumberedFolder, lastNumberedFolder } from './numbered-folder.ts'
import { readRecord } from './record.ts'

/** Makes the folder of a new run: the given one, or the next number below `runs/NAME`. */
export async function createRunFolder(
  base: string,
  name: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) {
    const folder = resolve(base, given)
    await requireOwn(folder)
    await makeFolder(folder)
    return folder
  }
  return createNumberedFolder(base, name, '')
}

/** Files beside the record that describe a run. */
export const CONFIGS = ['config.yaml', 'spec.json'] as const

/** All that a run which was killed before it had a record leaves, and the marks of files that were being written. */
const BEGUN = [...CONFIGS, BASE, BASE_MODEL, 'run.json', 'run.lock']

/** Throws a RunError unless a folder is new, empty, or a run that this version can read: nothing else is written to. */
export async function requireOwn(folder: string): Promise<void> {
  const names = await readdir(folder).catch(async (error: unknown) => {
    const found = await lstat(folder).catch(() => undefined)
    // A folder that cannot be made, below a file, is refused when it is made.
    if (found === undefined && ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return []
    if (errorCode(error) === 'ENOTDIR') throw new RunError(`${folder} is a file`, { hint: 'name a folder' })
    const why = found?.isSymbolicLink() ? 'its link leads nowhere' : REASONS[errorCode(error) ?? '']?.why
    throw new RunError(`${folder} cannot be read${why === undefined ? '' : `: ${why}`}`, {
      hint: 'name another folder',
      cause: error,
    })
  })
  if (names.length === 0 || (await readRecord(folder)) !== undefined) return
  const begun =
    names.every((name) => BEGUN.some((own) => name === own || name.startsWith(`${own}.`))) &&
    (await holdsOnly(join(folder, BASE), CHECKPOINT_FILES)) &&
    (await holdsOnly(join(folder, BASE_MODEL), MODEL_FILES))
  if (begun && (await wasLocked(folder, names))) return
  throw new RunError(`${folder} is not empty and holds no run: it has ${list(names)}`, {
    hint: 'name a new or an empty folder',
  })
}

async function holdsOnly(folder: string, files: readonly string[]): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).every((name) => files.includes(name))
}

/** Throws a RunError where the folder of a run is gone: what is written then must not create it again. */
export async function requireThere(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined)
  if (found !== undefined) return
  throw new RunError(`${folder} was removed while its run was trained: nothing more is saved`)
}

/** Makes the link `latest` beside a numbered run lead to it, where the file system has links. */
export async function linkLatest(folder: string, make = symlink): Promise<void> {
  const parent = dirname(folder)
  const link = join(parent, 'latest')
  // A folder or a file of that name is the user's, and so is a link to anything but a run beside it.
  const there = await lstat(link).catch(() => undefined)
  const target = resolve(parent, await readlink(link).catch(() => ''))
  if (there !== undefined && !/^\d{3,}$/.test(relative(parent, target))) return
  const aside = `${link}${ASIDE}${randomUUID()}`
  await attempt(link, async () => {
    // Windows lets everyone make links of this type alone; others know no types.
    const made = await make(basename(folder), aside, 'junction').then(() => true, unlessWithoutLinks)
    if (!made) return
    // Windows replaces no folder.
    if (platform() === 'win32') await disk.remove(link)
    await rename(aside, link)
  })
}

/** The last numbered run in a folder: that of the link `latest`, or the highest number. */
export async function latestRunIn(parent: string): Promise<string | undefined> {
  return realpath(join(parent, 'latest')).catch(() => lastNumberedFolder(parent, ''))
}
