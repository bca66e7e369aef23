import { join } from 'node:path'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import type { FileSystem } from '../run/files.ts'
import { NUMERICS } from '../run/versions.ts'
import { groupRecordShape, readGroupRecord, writeGroupRecord } from './group-record.ts'
import type { GroupKind } from './group-record.ts'

export const SWEEP: GroupKind = { name: 'sweep', title: 'sweep', command: 'sweep' }

/** The config of a sweep in its folder: the one that was read, after `extends` and overrides. */
export const SWEEP_CONFIG = 'config.json'

/** Contents of sweep.json. */
const SweepRecord = z.object({
  ...groupRecordShape,
  numerics: z.int(),
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

export function writeSweep(folder: string, record: SweepRecord, files: FileSystem): Promise<void> {
  return writeGroupRecord(folder, SWEEP, { numerics: NUMERICS, ...record }, files)
}

/** The record of a sweep, or a RunError that says why there is none. */
export function readSweep(folder: string): Promise<StoredSweep> {
  return readGroupRecord(folder, SWEEP, SweepRecord)
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
