import { realpath, stat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'

import * as z from 'zod'

import { filesOf, stringsIn } from '../data/prepare/named-files.ts'
import { UsageError } from '../errors.ts'
import { attempt } from '../run/atomic.ts'
import { isFileOfRun } from '../run/foreign.ts'
import { isFileOfGroup } from '../run/group-files.ts'
import { readRecord } from '../run/record.ts'
import { quote } from '../wording.ts'
import type { UsedModel } from './environment.ts'
import { readConfig } from './experiment.ts'

/** The files that a result is made from. */
export type ReadFiles = {
  /** Configs, and folders and files of models. */
  readonly files?: readonly string[]
  /** A config whose data section names rows, with its overrides. */
  readonly config?: { readonly path: string; readonly set?: readonly string[] | undefined }
  /** Files of rows, folders that hold them, and patterns. */
  readonly rows?: readonly (string | undefined)[]
  readonly models?: readonly Pick<UsedModel, 'sources'>[]
}

/**
 * Throws a UsageError where the result of an option would replace a file that it is made from, one of the rows that a model
 * was trained on, or a part of a run, and a PlaceError where its folder is not there.
 */
export async function requireUnread(
  output: string,
  { files = [], config, rows = [], models = [] }: ReadFiles,
  { cwd, option }: { readonly cwd: string; readonly option?: string },
): Promise<void> {
  const path = resolve(cwd, output)
  const place = await realpath(path).catch(() => undefined)
  if (place === undefined) return void (await attempt(path, () => stat(dirname(path))))
  const named = option === undefined ? {} : { option }
  if (await isPartOfRun(place))
    throw new UsageError(`${quote(output)} is a part of a run`, { ...named, hint: 'name another file' })
  const sources = await Promise.all(models.map((model) => model.sources()))
  const read = await filesOf(
    rows.flatMap((path) => path ?? []),
    cwd,
  ).catch(() => [])
  const ofConfig = config ? await filesOfConfig(config, cwd) : []
  for (const path of [...files, ...ofConfig, ...read, ...sources.flat()]) {
    if ((await realpath(resolve(cwd, path)).catch(() => undefined)) === place)
      throw new UsageError(`${quote(output)} is a file that is read`, { ...named, hint: 'name another one' })
  }
}

/** A config and the files that its data section names; none where it is no config. */
async function filesOfConfig(
  { path, set = [] }: NonNullable<ReadFiles['config']>,
  cwd: string,
): Promise<string[]> {
  const document = await readConfig(path, set, cwd).catch(() => undefined)
  if (document === undefined) return []
  // Overrides count from the working directory.
  const folders = [dirname(document.file), cwd]
  return [document.file, ...folders.flatMap((folder) => filesNamedIn(document.data, folder))]
}

const Spec = z.looseObject({ data: z.unknown() })

/** All strings in the data section of a spec as paths: the files among them are read. */
export function filesNamedIn(spec: unknown, folder: string): string[] {
  return stringsIn(Spec.safeParse(spec).data?.data).map((name) => resolve(folder, name))
}

/** True for a file that nnlab has written to the folder of a run, or of a group of runs, whose record may be damaged. */
async function isPartOfRun(place: string): Promise<boolean> {
  let folder = dirname(place)
  for (let depth = 0; depth < MOST_DEPTH; depth++) {
    const record = await readRecord(folder).catch(() => 'damaged')
    const path = relative(folder, place)
    if (record !== undefined && isFileOfRun(path)) return true
    if (await isFileOfGroup(folder, path)) return true
    folder = dirname(folder)
  }
  return false
}

/** Folders from the one of a run down to that of a file of a checkpoint. */
const MOST_DEPTH = 3
