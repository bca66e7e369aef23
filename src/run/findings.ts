import { join } from 'node:path'

import * as z from 'zod'

import { FINDING_KINDS } from '../components/callbacks/diagnosis/finding.ts'
import type { TrainingFinding } from '../components/callbacks/diagnosis/finding.ts'
import { valueOfJson } from '../json.ts'
import { readText } from './read-text.ts'

const Finding = z.object({
  kind: z.enum(FINDING_KINDS),
  severity: z.enum(['serious', 'note', 'good']),
  epoch: z.int(),
  layers: z.array(z.string()),
  text: z.string(),
  advice: z.string(),
}) satisfies z.ZodType<TrainingFinding>

/** The findings in the events of a run. */
export async function readFindings(folder: string): Promise<TrainingFinding[]> {
  const text = (await readText(join(folder, 'events.jsonl'))) ?? ''
  return text
    .split('\n')
    .filter((line) => line.includes('"event":"finding"'))
    .flatMap((line) => Finding.safeParse(valueOfJson(line)).data ?? [])
}
