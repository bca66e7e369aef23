import { readFiles } from '../paths.ts'
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
      const { delimiter, header, columns } = spec
      const options = { delimiter, header, ...(columns && { columns: [columns] }) }
      return readFiles(spec.path, reading, (path, reading) => readCsv({ path, ...options }, reading))
    }
    case 'jsonl': {
      const { readJsonl } = await import('./jsonl.ts')
      return readFiles(spec.path, reading, (path, reading) => readJsonl({ path }, reading))
    }
    case 'parquet': {
      const { readParquet } = await import('./parquet.ts')
      return readFiles(spec.path, reading, (path, reading) => readParquet({ path }, reading))
    }
    case 'npz': {
      const { readNpz } = await import('./npz.ts')
      return readNpz(spec, reading)
    }
    case 'idx': {
      const { readIdx } = await import('./idx.ts')
      return readIdx(spec, reading)
    }
    case 'images': {
      const { readImages } = await import('./images.ts')
      return readImages(spec, reading)
    }
    case 'dataset': {
      const { readDataset } = await import('./dataset.ts')
      return readDataset(spec, reading)
    }
  }
}
