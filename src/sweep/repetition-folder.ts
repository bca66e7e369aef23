import { join } from 'node:path'

import * as z from 'zod'

import { RunError } from '../errors.ts'
import { valueOfJson } from '../json.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { readText } from '../run/read-text.ts'
import { FORMAT, requireFormat } from '../run/versions.ts'
import type { Repetition } from './repetition.ts'

const Spread = z.object({ mean: z.number().nullable(), deviation: z.number().nullable() })

const ByOutput = z.union([z.string(), z.record(z.string(), z.string())])

/** The record of a repetition: cv.json or seeds.json in its folder. */
const RepetitionRecord = z.object({
  format: z.int().default(0),
  nnlab: z.string(),
  name: z.string(),
  /** The folder that the paths in the data section start from. */
  data_folder: z.string(),
  /** The folder of the known data sets, where one was named. */
  datasets_folder: z.string().optional(),
  /** The trials: folds 1 to `folds`, or seeds. */
  folds: z.int().min(2).optional(),
  seeds: z.array(z.int().nonnegative()).min(2).readonly().optional(),
  state: z.enum(['running', 'completed', 'interrupted', 'failed']),
  started: z.string(),
  ended: z.string().optional(),
  /** Facts that the names of metrics do not tell. */
  meaning: z.object({ positive: ByOutput.optional(), loss_scale: ByOutput.optional() }).default({}),
  metrics: z.record(z.string(), Spread).optional(),
  test: z.record(z.string(), Spread).optional(),
})
export type RepetitionRecord = z.output<typeof RepetitionRecord>

/** The path of the record of a repetition. */
export function recordPath(folder: string, { name }: Pick<Repetition, 'name'>): string {
  return join(folder, `${name}.json`)
}

export async function writeRepetition(
  path: string,
  record: Omit<RepetitionRecord, 'format'>,
  files: FileSystem,
): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`, files)
}

/** The record of a repetition, or a RunError that says why there is none. */
export async function readRepetition(
  folder: string,
  { name, title, command }: Repetition,
): Promise<RepetitionRecord> {
  const file = recordPath(folder, { name })
  const text = await readText(file)
  if (text === undefined) {
    throw new RunError(`${folder} is not a ${title}: it has no ${name}.json`, {
      hint: `name its folder, as in \`nnlab ${command} --resume runs/NAME/${name}-001\``,
    })
  }
  const written = valueOfJson(text)
  requireFormat(file, z.object({ format: z.int() }).safeParse(written).data?.format ?? 0)
  const record = RepetitionRecord.safeParse(written).data
  if (record === undefined) throw new RunError(`${file} is damaged or of another version`)
  return record
}
