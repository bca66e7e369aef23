import { join } from 'node:path'

import type { ReportedRun } from '../report/report.ts'
import type { CatalogEntry } from '../run/catalog.ts'
import { readFindings } from '../run/findings.ts'
import { readText } from '../run/read-text.ts'

/** A run as a report shows it, with its curves. */
export async function reportedRun(
  entry: CatalogEntry,
  overview: ReportedRun['overview'] | undefined,
): Promise<ReportedRun> {
  const { folder, record, history, spec } = entry
  if (!overview) throw new Error(`no overview of ${folder}`)
  const epochs = [...history.epochs.keys()]
  const rows = [...history.epochs.values()]
  return {
    overview,
    record,
    spec,
    config: (await readText(join(folder, 'config.yaml'))) ?? '',
    findings: await readFindings(folder),
    epochs: Float64Array.from(epochs),
    history: new Map(
      history.names.map((name, column) => [
        name,
        Float64Array.from(rows, (row) => Number(row[column] ?? NaN)),
      ]),
    ),
  }
}
