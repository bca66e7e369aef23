import { join } from 'node:path'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import { valueOfJson } from '../json.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { readText } from '../run/read-text.ts'
import { FORMAT, requireFormat } from '../run/versions.ts'

const FILE = 'cv.json'

const Spread = z.object({ mean: z.number().nullable(), deviation: z.number().nullable() })

const ByOutput = z.union([z.string(), z.record(z.string(), z.string())])

/** Contents of cv.json, the record of a whole cross-validation. */
export const CrossValidationRecord = z.object({
  format: z.int().default(0),
  nnlab: z.string(),
  name: z.string(),
  /** The folder that the paths in the data section start from. */
  data_folder: z.string(),
  /** The folder of the known data sets, where one was named. */
  datasets_folder: z.string().optional(),
  folds: z.int().min(2),
  state: z.enum(['running', 'completed', 'interrupted', 'failed']),
  started: z.string(),
  ended: z.string().optional(),
  /** Facts that the names of metrics do not tell. */
  meaning: z.object({ positive: ByOutput.optional(), loss_scale: ByOutput.optional() }).default({}),
  metrics: z.record(z.string(), Spread).optional(),
  test: z.record(z.string(), Spread).optional(),
})
export type CrossValidationRecord = z.output<typeof CrossValidationRecord>

/** The folder of the run of a fold, from 1. */
export function foldFolder(folder: string, fold: number, folds: number): string {
  return join(folder, 'trials', `fold-${String(fold).padStart(String(folds).length, '0')}`)
}

export async function writeCrossValidation(
  folder: string,
  record: Omit<CrossValidationRecord, 'format'>,
  files: FileSystem,
): Promise<void> {
  await writeFileAtomic(
    join(folder, FILE),
    `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`,
    files,
  )
}

/** The record of a cross-validation, or a RunError that says why there is none. */
export async function readCrossValidation(folder: string): Promise<CrossValidationRecord> {
  const file = join(folder, FILE)
  const text = await readText(file)
  if (text === undefined) {
    throw new RunError(`${folder} is not a cross-validation: it has no ${FILE}`, {
      hint: 'name its folder, as in `nnlab cv --resume runs/NAME/cv-001`',
    })
  }
  const written = valueOfJson(text)
  requireFormat(file, z.object({ format: z.int() }).safeParse(written).data?.format ?? 0)
  const record = CrossValidationRecord.safeParse(written).data
  if (record === undefined) throw new RunError(`${file} is damaged or of another version`)
  return record
}
