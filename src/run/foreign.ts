import { access, constants, lstat, readdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import { attempt } from './atomic.ts'
import { BASE, BASE_MODEL } from './base.ts'
import { CHECKPOINT_FILES, MANIFEST, ManifestFormat, STATE } from './checkpoint-files.ts'
import { positionOf } from './checkpoints.ts'
import { CONFIGS } from './folder.ts'
import { CALLBACK_LOGS, LOGS } from './logs.ts'
import { MODEL_FILES } from './model-files.ts'
import { readJson } from './read-text.ts'

const FOLDERS = [
  'checkpoints',
  'model',
  BASE,
  BASE_MODEL,
  ...CALLBACK_LOGS.flatMap((name) => [dirname(dirname(name)), dirname(name)]),
]
const FILES = [
  ...CONFIGS,
  ...LOGS,
  ...CALLBACK_LOGS,
  'run.json',
  ...['model', BASE_MODEL].flatMap((folder) => MODEL_FILES.map((name) => join(folder, name))),
  ...CHECKPOINT_FILES.map((name) => join(BASE, name)),
]

/** True for the path, below the folder of a run, of a file that nnlab writes there. */
export function isFileOfRun(path: string): boolean {
  const [folder, checkpoint = '', name = '', ...below] = path.split(sep)
  const isOfCheckpoint =
    folder === 'checkpoints' && below.length === 0 && positionOf(checkpoint) !== undefined
  return FILES.includes(path) || (isOfCheckpoint && CHECKPOINT_FILES.includes(name))
}

/**
 * Throws a RunError where something that nnlab did not write is in the place of what it will write to the folder of a
 * run. Other files in the folder, of any name, are never touched.
 */
export async function requireFree(folder: string, run: string): Promise<void> {
  for (const name of FOLDERS) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found && !found.isDirectory()) throw inTheWay(join(folder, name), 'is not a folder')
  }
  for (const name of FILES) await requireRegular(join(folder, name))
  for (const name of [...FOLDERS, ...LOGS, ...CALLBACK_LOGS]) await requireWritable(join(folder, name))
  const checkpoints = join(folder, 'checkpoints')
  for (const name of await readdir(checkpoints).catch(() => [])) {
    if (positionOf(name) !== undefined) await requireOwnCheckpoint(join(checkpoints, name), run)
  }
}

/** Throws for a link, a folder or a device in the place of a file that nnlab replaces. */
export async function requireRegular(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found && !found.isFile()) throw inTheWay(path, 'is not a regular file')
}

/** Throws for a folder that takes no files or a log that takes no lines, before what is there is replaced. */
async function requireWritable(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found) await attempt(path, () => access(path, constants.W_OK))
}

/** Throws for what has the name of a checkpoint, but is not known to be one of the run, whole or damaged. */
async function requireOwnCheckpoint(path: string, run: string): Promise<void> {
  const found = await lstat(path)
  const entries = found.isDirectory() ? await readdir(path, { withFileTypes: true }) : undefined
  if (entries === undefined) throw inTheWay(path, 'is not a checkpoint of the run')
  const files = entries.filter(({ name }) => CHECKPOINT_FILES.includes(name))
  const foreign = files.find((entry) => !entry.isFile())
  if (foreign) throw inTheWay(join(path, foreign.name), 'is not a regular file')
  // Other files, such as .DS_Store, stay where they are.
  if (files.length === 0) return
  const state = State.safeParse(await readJson(join(path, STATE)))
  const isOwn = state.success
    ? state.data.state.run === run
    : ManifestFormat.safeParse(await readJson(join(path, MANIFEST))).success
  if (!isOwn) throw inTheWay(path, 'is not a checkpoint of the run')
}

const State = z.looseObject({ state: z.looseObject({ run: z.string() }) })

function inTheWay(path: string, why: string): RunError {
  return new RunError(`${path} ${why}; nothing was changed`, { hint: 'move it to another folder' })
}
