import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as z from 'zod'

const Record = z.object({
  weights_sha256: z.string(),
  epochs: z.int(),
  stopped: z.string(),
  metrics: z.record(z.string(), z.number()),
})

/** All that a run leaves, but for times. */
export function resultOf(run: string) {
  const read = (name: string): string => readFileSync(join(run, name), 'utf8')
  return {
    ...Record.parse(JSON.parse(read('run.json'))),
    history: read('history.csv'),
    events: read('events.jsonl').replaceAll(/"time":"[^"]*"/g, ''),
  }
}
