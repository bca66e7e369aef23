import * as z from 'zod'

import { groupRecordShape, readGroupRecord } from './group-record.ts'
import type { Repetition } from './repetition.ts'

const Spread = z.object({ mean: z.number().nullable(), deviation: z.number().nullable() })

const ByOutput = z.union([z.string(), z.record(z.string(), z.string())])

/** The record of a repetition: cv.json or seeds.json in its folder. */
const RepetitionRecord = z.object({
  ...groupRecordShape,
  /** The trials: folds 1 to `folds`, or seeds. */
  folds: z.int().min(2).optional(),
  seeds: z.array(z.int().nonnegative()).min(2).readonly().optional(),
  /** Facts that the names of metrics do not tell. */
  meaning: z.object({ positive: ByOutput.optional(), loss_scale: ByOutput.optional() }).default({}),
  metrics: z.record(z.string(), Spread).optional(),
  test: z.record(z.string(), Spread).optional(),
})
export type RepetitionRecord = z.output<typeof RepetitionRecord>

/** The record of a repetition, or a RunError that says why there is none. */
export function readRepetition(folder: string, repetition: Repetition): Promise<RepetitionRecord> {
  return readGroupRecord(folder, repetition, RepetitionRecord)
}
