import type { DividedTables } from '../../table/table.ts'
import { columnKeys, columnRules, columnSelection, columnsWithPositives } from './options/columns.ts'
import { filesOrFractions, namesValidation, Path } from './options/files.ts'
import { Memory } from './options/rows.ts'
import { textForm, textKeys } from './options/text.ts'
import { defineSource } from './source.ts'
import type { Source, SourceReading } from './source.ts'

const { missing_values, formats } = textKeys
const keys = { path: Path, missing_values, formats, memory: Memory, ...columnKeys }

type ColumnFiles = Pick<Source, 'type' | 'summary'> & {
  endings: RegExp
  /** True where names inside a file may tell that it holds rows of several splits. */
  dividesItself?: boolean
  read(path: Path, reading: SourceReading): Promise<DividedTables>
}

/** Defines a source of named columns in files that need no further options to be read. */
export function columnFiles({ read, dividesItself = false, ...names }: ColumnFiles): Source<typeof keys> {
  return defineSource({
    ...names,
    paths: ['path'],
    options: () => keys,
    rules: [filesOrFractions, ...columnRules],
    memory: ({ memory }) => memory,
    selection: columnSelection,
    withPositives: columnsWithPositives,
    ownValidation: (spec) => namesValidation(spec) || (dividesItself ? undefined : false),
    read: (spec, reading) => read(spec.path, { ...reading, text: textForm(spec) }),
    savedForm: (spec) => ({ text: textForm(spec) }),
    newRows: { read: ({ path }, { text }, reading) => read(path, { ...reading, text }) },
  })
}
