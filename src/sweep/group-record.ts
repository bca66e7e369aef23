import { join } from 'node:path'

import * as z from 'zod'

import type { DatasetPlaces } from '../components/datasets/dataset.ts'
import { RunError } from '../errors.ts'
import { valueOfJson } from '../json.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { requireRegular } from '../run/foreign.ts'
import { readText } from '../run/read-text.ts'
import { FORMAT, requireFormat } from '../run/versions.ts'
import { version } from '../version.ts'

/** A kind of group of trials. */
export type GroupKind = {
  /** The name of its record, and the prefix of its folders. */
  readonly name: string
  /** For people. */
  readonly title: string
  /** The command that trains it. */
  readonly command: string
}

/** Keys that the records of sweeps and of repetitions have in common. */
export const groupRecordShape = {
  format: z.int().default(0),
  nnlab: z.string(),
  name: z.string(),
  /** The folder that the paths in the data section start from. */
  data_folder: z.string(),
  /** The folder of the known data sets, where one was named. */
  datasets_folder: z.string().optional(),
  state: z.enum(['running', 'completed', 'interrupted', 'failed']),
  started: z.string(),
  ended: z.string().optional(),
}
export type GroupState = z.output<(typeof groupRecordShape)['state']>

/** The beginning of the record of a group. */
export function begunRecord(name: string, dataFolder: string, { folder, fallback }: DatasetPlaces) {
  const datasetsFolder = folder ?? fallback
  return {
    nnlab: version,
    name,
    data_folder: dataFolder,
    ...(datasetsFolder !== undefined && { datasets_folder: datasetsFolder }),
    state: 'running' as const,
    started: new Date().toISOString(),
  }
}

/** The path of the record of a group. */
export function recordPath(folder: string, { name }: Pick<GroupKind, 'name'>): string {
  return join(folder, `${name}.json`)
}

/** Reads the record of a group, or throws a RunError that says why there is none. */
export async function readGroupRecord<T>(
  folder: string,
  { name, title, command }: GroupKind,
  schema: z.ZodType<T>,
): Promise<T> {
  const file = recordPath(folder, { name })
  const text = await readText(file)
  if (text === undefined) {
    throw new RunError(`${folder} is not a ${title}: it has no ${name}.json`, {
      hint: `name its folder, as in \`nnlab ${command} --resume runs/NAME/${name}-001\``,
    })
  }
  const written = valueOfJson(text)
  requireFormat(file, z.object({ format: z.int() }).safeParse(written).data?.format ?? 0)
  const record = schema.safeParse(written).data
  if (record === undefined) throw new RunError(`${file} is damaged or of another version`)
  return record
}

export async function writeGroupRecord(
  folder: string,
  kind: GroupKind,
  record: object,
  files: FileSystem,
): Promise<void> {
  const path = recordPath(folder, kind)
  await requireRegular(path)
  await writeFileAtomic(path, `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`, files)
}
