import { join } from 'node:path'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import { valueOfJson } from '../json.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { readText } from '../run/read-text.ts'
import { FORMAT, NUMERICS, requireFormat } from '../run/versions.ts'

/** The record of a sweep in its folder. */
export const SWEEP_RECORD = 'sweep.json'

/** The config of a sweep in its folder: the one that was read, after `extends` and overrides. */
export const SWEEP_CONFIG = 'config.json'

/** Contents of sweep.json. */
const SweepRecord = z.object({
  format: z.int().default(0),
  numerics: z.int(),
  nnlab: z.string(),
  name: z.string(),
  /** The folder that the paths in the data section start from. */
  data_folder: z.string(),
  /** The folder of the known data sets, where one was named. */
  datasets_folder: z.string().optional(),
  state: z.enum(['running', 'completed', 'interrupted', 'failed']),
  started: z.string(),
  ended: z.string().optional(),
  trials: z.int().optional(),
  failed: z.int().optional(),
  best: z.object({ trial: z.int(), metric: z.string(), value: z.number() }).optional(),
})
type StoredSweep = z.output<typeof SweepRecord>
export type SweepRecord = Omit<StoredSweep, 'format' | 'numerics'>

/** The folder of a run of a trial, from 1; of one of several seeds, from 0, where `seed` is given. */
export function trialFolder(folder: string, trial: number, seed?: number): string {
  const key = `${numbered(trial)}${seed === undefined ? '' : `-seed-${seed}`}`
  return join(folder, 'trials', key)
}

/** A number from 1 in names of files, whose order is that of the numbers up to 9999. */
export function numbered(number: number): string {
  return String(number).padStart(4, '0')
}

export async function writeSweep(folder: string, record: SweepRecord, files: FileSystem): Promise<void> {
  const versions = { format: FORMAT, numerics: NUMERICS }
  await writeFileAtomic(
    join(folder, SWEEP_RECORD),
    `${JSON.stringify({ ...versions, ...record }, null, 2)}\n`,
    files,
  )
}

/** The record of a sweep, or a RunError that says why there is none. */
export async function readSweep(folder: string): Promise<StoredSweep> {
  const file = join(folder, SWEEP_RECORD)
  const text = await readText(file)
  if (text === undefined) {
    throw new RunError(`${folder} is not a sweep: it has no ${SWEEP_RECORD}`, {
      hint: 'name its folder, as in `nnlab sweep --resume runs/NAME/sweep-001`',
    })
  }
  const written = valueOfJson(text)
  requireFormat(file, z.object({ format: z.int() }).safeParse(written).data?.format ?? 0)
  const read = SweepRecord.safeParse(written).data
  if (read === undefined) throw new RunError(`${file} is damaged or of another version`)
  return read
}

/** The record of a sweep that this version can continue; throws a RunError for another one. */
export async function readResumableSweep(folder: string): Promise<SweepRecord> {
  const { format: _, numerics, ...record } = await readSweep(folder)
  if (numerics !== NUMERICS) {
    throw new RunError(
      `${folder} was begun by nnlab ${record.nnlab} with numerics ${numerics}, this one has ${NUMERICS}: its trials would not be comparable`,
      { hint: 'resume it with that version, or begin a new sweep' },
    )
  }
  return record
}
