import * as z from 'zod'
import { Csv } from './data/csv.ts'
import { Known } from './data/dataset.ts'
import { Idx } from './data/idx.ts'
import { Images } from './data/images.ts'
import { Inline } from './data/inline.ts'
import { Jsonl } from './data/jsonl.ts'
import { Npz } from './data/npz.ts'
import { Parquet } from './data/parquet.ts'
import type { CsvSpec } from './data/csv.ts'
import type { JsonlSpec } from './data/jsonl.ts'
import type { NpzSpec } from './data/npz.ts'
import type { ParquetSpec } from './data/parquet.ts'

export const DataSpec = z
  .discriminatedUnion('type', [Inline, Csv, Jsonl, Parquet, Npz, Idx, Images, Known])
  .describe('Where the rows come from')
export type DataSpec = z.infer<typeof DataSpec>

/** Sources of named columns. */
export type ColumnsSpec = CsvSpec | JsonlSpec | ParquetSpec | NpzSpec

export type { CsvSpec } from './data/csv.ts'
export type { IdxSpec } from './data/idx.ts'
export type { InlineSpec } from './data/inline.ts'
export type { JsonlSpec } from './data/jsonl.ts'
export type { Split } from './data/split.ts'
export type { Target } from './data/target.ts'
export type { Scale } from './data/features.ts'
