import type { CsvSpec, IdxSpec, InlineSpec, JsonlSpec } from '../../spec/schema/data.ts'
import type { Reading } from '../../table/files/file.ts'
import { readFiles } from '../../table/files/paths.ts'
import type { Parts } from '../../table/table.ts'
import type { CsvOptions } from './csv.ts'
import type { IdxSource } from './idx.ts'
import type { ImagesSource } from './images.ts'
import type { KnownSpec } from './options/dataset.ts'
import type { NpzSpec } from './options/npz.ts'
import type { ParquetSpec } from './options/parquet.ts'

/** What the sources take of a data section: where the rows are, and how they are written. */
export type SourceSpec =
  | Pick<InlineSpec, 'type' | 'inputs' | 'targets'>
  | (Pick<CsvSpec, 'type' | 'path' | 'delimiter' | 'columns'> & CsvForm)
  | Pick<JsonlSpec | ParquetSpec, 'type' | 'path'>
  | Pick<NpzSpec, 'type' | 'path'>
  | ({ type: IdxSpec['type'] } & IdxSource)
  | ({ type: 'images' } & ImagesSource)
  | Pick<KnownSpec, 'type' | 'name' | 'split'>

type CsvForm = {
  header: CsvOptions['header']
  /** The columns that a file without a header may lack. */
  optional?: readonly string[]
}

/** Reads the rows that the config names; each format is loaded only when it is read. */
export async function readParts(spec: SourceSpec, reading: Reading): Promise<Parts> {
  switch (spec.type) {
    case 'inline': {
      const { readInline } = await import('./inline.ts')
      return { train: readInline(spec, reading), notes: [] }
    }
    case 'csv': {
      const { readCsv } = await import('./csv.ts')
      const { delimiter, header, columns, optional = [] } = spec
      const shorter = columns?.filter((name) => !optional.includes(name))
      const options = { delimiter, header, ...(columns && { columns: [columns, shorter ?? []] }) }
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
