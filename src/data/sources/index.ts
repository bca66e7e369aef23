import type { DataSpec } from '../../spec/data.ts'
import type { Reading } from '../file.ts'
import type { Parts } from '../table.ts'

/** Reads the rows that the config names; each format is loaded only when it is read. */
export async function readParts(spec: DataSpec, reading: Reading): Promise<Parts> {
  switch (spec.type) {
    case 'inline': {
      const { readInline } = await import('./inline.ts')
      return { train: readInline(spec, reading), notes: [] }
    }
    case 'csv': {
      const { readCsv } = await import('./csv.ts')
      const { path, delimiter, header, columns } = spec
      return {
        train: await readCsv({ path, delimiter, header, ...(columns && { columns: [columns] }) }, reading),
        notes: [],
      }
    }
    case 'jsonl': {
      const { readJsonl } = await import('./jsonl.ts')
      return { train: await readJsonl(spec, reading), notes: [] }
    }
    case 'idx': {
      const { readIdx } = await import('./idx.ts')
      return readIdx(spec, reading)
    }
  }
}
