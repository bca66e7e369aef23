import * as z from 'zod'

import { Csv } from '../../components/sources/options/csv.ts'
import type { CsvSpec } from '../../components/sources/options/csv.ts'
import { Known } from '../../components/sources/options/dataset.ts'
import { Idx } from '../../components/sources/options/idx.ts'
import { Images } from '../../components/sources/options/images.ts'
import { Inline } from '../../components/sources/options/inline.ts'
import { Jsonl } from '../../components/sources/options/jsonl.ts'
import type { JsonlSpec } from '../../components/sources/options/jsonl.ts'
import { Npz } from '../../components/sources/options/npz.ts'
import type { NpzSpec } from '../../components/sources/options/npz.ts'
import { Parquet } from '../../components/sources/options/parquet.ts'
import type { ParquetSpec } from '../../components/sources/options/parquet.ts'

export const DataSpec = z
  .discriminatedUnion('type', [Inline, Csv, Jsonl, Parquet, Npz, Idx, Images, Known])
  .describe('Where the rows come from')
export type DataSpec = z.infer<typeof DataSpec>

/** Sources of named columns. */
export type ColumnsSpec = CsvSpec | JsonlSpec | ParquetSpec | NpzSpec

export type { CsvSpec } from '../../components/sources/options/csv.ts'
export type { IdxSpec } from '../../components/sources/options/idx.ts'
export type { InlineSpec } from '../../components/sources/options/inline.ts'
export type { JsonlSpec } from '../../components/sources/options/jsonl.ts'
export type { Split } from '../../components/sources/options/split.ts'
export type { Target } from '../../components/sources/options/target.ts'
export type { Scale } from '../../components/sources/options/features.ts'
