import type { TextForm } from '../../runtime/text-form.ts'
import type { FileAccess } from '../files/file.ts'
import type { ColumnType } from './column-builder.ts'
import type { Spool } from './spool.ts'

/** Options for reading a table. */
export type TableReading = FileAccess & {
  /** The columns whose type is known before they are read. */
  types?: ReadonlyMap<string, ColumnType> | undefined
  /** Strings that are values of a column even where they are words for missing ones. */
  values?: ReadonlyMap<string, readonly string[]> | undefined
  /** The columns of text files that stay strings, as they are written: `007`. */
  verbatim?: ReadonlySet<string> | undefined
  /** The way in which values are written. */
  text?: TextForm | undefined
  /** The memory for rows; without it they take what they need. */
  spool?: Spool | undefined
}
