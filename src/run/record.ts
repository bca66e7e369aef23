import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import { valueOfJson } from '../json.ts'
import { writeFileAtomic } from './atomic.ts'
import { requireFormat } from './versions.ts'
import type { FileSystem } from './files.ts'
import { readText } from './read-text.ts'

const FILE = 'run.json'

const RecordedValues = z.record(z.string(), z.number().nullable())

const Versions = z.object({ format: z.int().default(0), numerics: z.int().default(0) })

/** Contents of run.json. */
export const RunRecord = Versions.extend({
  /** Ties checkpoints to their run. */
  id: z.string(),
  nnlab: z.string(),
  node: z.string(),
  /** Path of the config, and the folder that the paths in it start from. */
  config: z.string(),
  data_folder: z.string(),
  /** Folder of the known data sets, where one was named. */
  datasets_folder: z.string().optional(),
  /** The checkpoint that a fork started from, and the SHA-256 of its manifest; the run keeps a copy of it. */
  base: z.object({ checkpoint: z.string(), sha256: z.string() }).optional(),
  /** The model whose layers or weights training began with, by its path and the SHA-256 of its file; the run keeps a copy of it. */
  base_model: z.object({ path: z.string(), sha256: z.string() }).optional(),
  state: z.enum(['running', 'completed', 'interrupted', 'diverged', 'failed']),
  started: z.string(),
  ended: z.string().optional(),
  engine: z.string(),
  arithmetic: z.string(),
  threads: z.int().optional(),
  native: z.string().optional(),
  /** Parts that batches are cut into. */
  parts: z.int().optional(),
  seed: z.int(),
  data: z.object({
    sha256: z.string(),
    /** The sum of the rows alone, where files of word vectors count as data, too. */
    rows_sha256: z.string().optional(),
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

/** Metric values of a run by name; those of its test rows begin with `test_`, and null is a value that is no number. */
export function metricValuesOf({ metrics = {}, test = {} }: RunRecord): Record<string, number | null> {
  const ofTest = Object.entries(test).map(([name, value]) => [`test_${name}`, value] as const)
  return { ...metrics, ...Object.fromEntries(ofTest) }
}

/** The name of the file of a record, and its contents. */
export function recordFile(record: RunRecord): readonly [name: string, text: string] {
  return [FILE, `${JSON.stringify(record, null, 2)}\n`]
}

export async function writeRecord(folder: string, record: RunRecord, files?: FileSystem): Promise<void> {
  const [name, text] = recordFile(record)
  await writeFileAtomic(join(folder, name), text, files)
}

/** The record of a run, undefined where the folder holds none; throws a RunError for one that cannot be used. */
export async function readRecord(folder: string): Promise<RunRecord | undefined> {
  const file = join(folder, FILE)
  const text = await readText(file)
  if (text === undefined) return undefined
  const written = valueOfJson(text)
  const { format } = Versions.safeParse(written).data ?? { format: 0 }
  requireFormat(file, format)
  const record = RunRecord.safeParse(written).data
  if (record !== undefined) return record
  throw new DamagedRecordError(
    `${file} is damaged or of another version; nothing in the folder was changed`,
    {
      hint: `restore the file, or start a new run from its last checkpoint: \`nnlab train config.yaml --fork ${folder}\`, with the config that it was trained from; \`nnlab predict\` and \`nnlab evaluate\` take the model.json in it`,
    },
  )
}

/** The run that a run folder, the folder of a model or a model.json belongs to; without a record where it is in none. */
export async function runOfModel(path: string): Promise<{ folder: string; record?: RunRecord }> {
  const place = await realpath(path).catch(() => path)
  for (const folder of [place, dirname(place), dirname(dirname(place))]) {
    const record = await readRecord(folder)
    if (record !== undefined) return { folder, record }
  }
  return { folder: place.endsWith('.json') ? dirname(place) : place }
}

/** A run.json that cannot be read; what is beside it may be whole. */
export class DamagedRecordError extends RunError {}
