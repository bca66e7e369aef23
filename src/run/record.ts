import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as z from 'zod'

import { writeFileAtomic } from './atomic.ts'
import type { FileSystem } from './files.ts'

const FILE = 'run.json'

const RecordedValues = z.record(z.string(), z.number().nullable())

/** Contents of run.json. */
export const RunRecord = z.object({
  /** Ties checkpoints to their run. */
  id: z.string(),
  nnlab: z.string(),
  node: z.string(),
  /** Path of the config, and the folder that the paths in it start from. */
  config: z.string(),
  data_folder: z.string(),
  state: z.enum(['running', 'completed', 'interrupted', 'diverged', 'failed']),
  started: z.string(),
  ended: z.string().optional(),
  engine: z.string(),
  arithmetic: z.string(),
  threads: z.int().optional(),
  seed: z.int(),
  data: z.object({
    sha256: z.string(),
    rows: z.object({ train: z.int(), validation: z.int(), test: z.int() }),
  }),
  epochs: z.int().optional(),
  steps: z.int().optional(),
  seconds: z.number().optional(),
  stopped: z.string().optional(),
  metrics: RecordedValues.optional(),
  test: RecordedValues.optional(),
  weights_sha256: z.string().optional(),
})
export type RunRecord = z.output<typeof RunRecord>

export async function writeRecord(folder: string, record: RunRecord, files?: FileSystem): Promise<void> {
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`, files)
}

/** The record of a run, or undefined where the folder holds none. */
export async function readRecord(folder: string): Promise<RunRecord | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return RunRecord.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
