import * as z from 'zod'

import type { CsvForm } from '../../table/formats/csv.ts'
import type { DividedTables } from '../../table/table.ts'
import { columnKeys, columnRules, columnSelection, columnsWithPositives } from './options/columns.ts'
import { filesOrFractions, namesValidation, Path } from './options/files.ts'
import { ColumnName, Memory } from './options/rows.ts'
import { signsDiffer, textForm, textKeys } from './options/text.ts'
import { defineSource } from './source.ts'
import type { SourceReading } from './source.ts'

/** The delimiters of csv files. */
export const DELIMITER = /^([ -~\t]|whitespace)$/

const Beginning = z.string().regex(/^[^\r\n]+$/, 'expected the beginning of a line, such as "#"')

export const csv = defineSource({
  type: 'csv',
  summary: 'Rows from csv files, plain, compressed as .gz or .zst, or alone in a .zip',
  paths: ['path'],
  endings: /\.([ct]sv|txt|dat|data)(\.gz|\.zst)?$|\.zip$/i,
  options: () => ({
    path: Path,
    delimiter: z
      .string()
      .regex(DELIMITER, 'expected one ASCII character, whitespace, or "\\t" in double quotes for a tab')
      .optional()
      .describe(
        'The character between fields; whitespace: any blanks, as in tables whose columns are aligned. Default: a tab for .tsv files, else a comma',
      ),
    header: z.boolean().default(true).describe('The first line holds the column names'),
    columns: z
      .array(ColumnName)
      .min(1)
      .optional()
      .describe('The column names of a file without a header. Default: column_1, column_2, ...'),
    encoding: z
      .string()
      .refine(isEncoding, {
        error: 'expected an encoding such as utf-8, windows-1252, iso-8859-2 or shift_jis',
      })
      .optional()
      .describe(
        'The encoding of files without a byte order mark, such as windows-1252 (latin1). Default: utf-8',
      ),
    skip_rows: z
      .int()
      .positive()
      .optional()
      .describe(
        'Lines above the header, or above the first row, that are not rows, such as a title. Default: 0',
      ),
    comment: z
      .union([Beginning, z.array(Beginning).min(1)])
      .optional()
      .describe(
        'The beginning of lines that are not rows, such as "#" or "Total;", or a list of them. Default: none',
      ),
    ...textKeys,
    memory: Memory,
    ...columnKeys,
  }),
  rules: [
    {
      needs: ['header', 'columns'],
      check({ header, columns }, report) {
        if (!header || !columns) return
        const message =
          'columns names the columns of a file without a header: set header: false, or leave columns out'
        report(['columns'], message, { code: 'columns', at: 'key' })
      },
    },
    signsDiffer,
    filesOrFractions,
    ...columnRules,
  ],
  memory: ({ memory }) => memory,
  ownValidation: namesValidation,
  selection: (spec) => ({ ...columnSelection(spec), isScalar: true }),
  withPositives: columnsWithPositives,
  read(spec, reading) {
    const { path, delimiter, encoding, header, columns, skip_rows, comment } = spec
    const form = { delimiter, encoding, header, skip_rows, comment, ...(columns && { columns: [columns] }) }
    return readCsvFiles(path, form, { ...reading, text: textForm(spec) })
  },
  savedForm: (spec, columns) => {
    const { delimiter, encoding, header, skip_rows, comment } = spec
    const more = {
      ...(encoding !== undefined && { encoding }),
      ...(skip_rows !== undefined && { skip_rows }),
      ...(comment !== undefined && { comment }),
    }
    return {
      csv: { delimiter, ...more, header, columns },
      text: textForm(spec),
    }
  },
  newRows: {
    read({ path }, { csv, text, targetsOnly }, read) {
      const reading = { ...read, text }
      if (!csv) return readCsvFiles(path, { header: 'detect' }, reading)
      const left = new Set(targetsOnly)
      const shorter = csv.columns.filter((name) => !left.has(name))
      return readCsvFiles(path, { ...csv, columns: [csv.columns, shorter] }, reading)
    },
  },
})

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

async function readCsvFiles(path: Path, form: CsvForm, reading: SourceReading): Promise<DividedTables> {
  const [{ readFiles }, { readCsv }] = await Promise.all([
    import('./read-files.ts'),
    import('../../table/formats/csv.ts'),
  ])
  return readFiles(path, reading, (path, reading) => readCsv({ path, ...form }, reading))
}
