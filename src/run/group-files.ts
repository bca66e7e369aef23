// The files that are in the folder of a sweep, of folds or of several seeds, beside those of their runs.

import { join, sep } from 'node:path'

import * as z from 'zod'

import { valueOfJson } from '../json.ts'
import { readText } from './read-text.ts'

/** Records, of which one is in the folder of every group of runs. */
export const GROUP_RECORDS: readonly string[] = ['sweep.json', 'cv.json', 'seeds.json']
const FILES = [...GROUP_RECORDS, 'config.json', 'spec.json']
const TURNS = `turns${sep}`

/** True for the path, below a folder, of a file that nnlab writes there, if the folder is that of a group of runs. */
export async function isFileOfGroup(folder: string, path: string): Promise<boolean> {
  if (!FILES.includes(path) && !path.startsWith(TURNS)) return false
  const texts = await Promise.all(GROUP_RECORDS.map((name) => readText(join(folder, name))))
  return texts.some((text) => text !== undefined && isOurs(valueOfJson(text)))
}

/** True for a record, whole or damaged; other programs write sweep.json, too. */
function isOurs(written: unknown): boolean {
  return written === undefined || z.looseObject({ nnlab: z.string() }).safeParse(written).success
}
