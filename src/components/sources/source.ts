import type * as z from 'zod'

import type { Component, Configured } from '../../registry.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import type { TableReading } from '../../table/columns/reading.ts'
import type { DividedTables } from '../../table/table.ts'
import type { DatasetPlaces } from '../datasets/dataset.ts'
import type { arrayKeys } from './options/arrays.ts'
import type { Scale } from './options/features.ts'
import type { Split } from './options/split.ts'
import type { Positives, Selection } from './selection.ts'

/** The keys that every source has, whatever else they hold in some. */
export type SharedKeys = Pick<typeof arrayKeys, 'augment' | 'balance' | 'limit'> & {
  features: z.ZodType<{ scale: Scale }>
  split: z.ZodType<Split>
}

/** A source of rows: how they are read, and the roles of their columns. */
export interface Source<O extends SharedKeys = SharedKeys> extends Component<O> {
  /** The keys that name files or folders; the first one that is written says where relative paths start. */
  readonly paths: readonly string[]
  /** The names of the files that it reads. */
  readonly endings?: RegExp
  /** Claims a folder by the names in it and in its folders. */
  claimsFolder?(names: readonly string[]): boolean
  /** The memory that rows may take, as in `500 MB`; undefined where they take what they need. */
  memory(spec: Configured<O>): string | undefined
  selection(spec: Configured<O>): Selection
  /** The section that names the positive class of each output, where it named none. */
  withPositives(spec: Configured<O>, positives: Positives): Configured<O>
  read(spec: Configured<O>, reading: SourceReading): Promise<DividedTables>
  /** True where files bring validation rows of their own, undefined where only their content shows it; absent: never. */
  ownValidation?(spec: { readonly path?: unknown }): boolean | undefined
  /** The form of the training files, which a saved model keeps for new ones. */
  savedForm?(spec: Configured<O>, columns: string[]): SavedForm
  /** Absent where rows are in no file. */
  readonly newRows?: NewRowsReader
}

/** Defines a source, with the type of its options inferred from them. */
export function defineSource<O extends SharedKeys>(source: Source<O>): Source<O> {
  return source
}

/** Surroundings of a source besides its own options. */
export type SourceReading = TableReading & {
  /** The places of known data sets. */
  datasets?: DatasetPlaces | undefined
}

/** Reads new rows for a trained model. */
export type NewRowsReader = {
  /** The labels may be in a file of their own. */
  readonly labels?: boolean
  read(files: NewFiles, trained: TrainedRows, reading: SourceReading): Promise<DividedTables>
}

/** A file, a folder, a pattern, or `-` for standard input. */
export type NewFiles = { path: string; labels?: string | undefined }

/** The rows that a model was trained on. */
export type TrainedRows = SavedForm & {
  features: readonly string[]
  /** The columns that rows without targets lack. */
  targetsOnly: readonly string[]
  /** The shapes of the features that are arrays. */
  shapes: readonly (readonly number[])[]
}

/** The form of training files. */
type SavedForm = Pick<Preprocessing, 'csv' | 'text' | 'image_column'>
