/* eslint no-control-regex: off -- binary files begin with control characters */

import { DataError } from '../../errors.ts'

/** A format that is not read, told by the first bytes of a file, each as a character of latin1. */
type Foreign = { readonly what: string; readonly begins: RegExp; readonly hint: string }

const byPandas = (reader: string): string =>
  `pandas.${reader}(...).to_csv('rows.csv', index=False) in Python converts it`
const bySaving = `save it as csv in UTF-8 there, or ${byPandas('read_excel')}`
const byR = `write.csv(readRDS("..."), "rows.csv", row.names = FALSE) in R converts it, with load for .RData`
const bySql = `sqlite3 -header -csv FILE 'select * from TABLE' > rows.csv converts a table of it`
const named = (ending: string): string => `if it is one, its name must end in ${ending}`

/** The first that fits tells the format. */
const FORMATS: readonly Foreign[] = [
  { what: 'an Excel workbook', begins: /^PK\x03\x04.*xl\//s, hint: bySaving },
  { what: 'an OpenDocument spreadsheet', begins: /^PK\x03\x04.*opendocument\.spreadsheet/s, hint: bySaving },
  {
    what: 'a zip archive',
    begins: /^PK\x03\x04/,
    hint: 'a zip of one file is read where its name ends in .zip; extract others with unzip',
  },
  { what: 'an old Excel workbook', begins: /^\xd0\xcf\x11\xe0/, hint: bySaving },
  { what: 'an SPSS file', begins: /^\$FL[23]/, hint: byPandas('read_spss') },
  { what: 'a Stata file', begins: /^<stata_dta>/, hint: byPandas('read_stata') },
  { what: 'a SAS file', begins: /^\0{12}\xc2\xea\x81\x60/, hint: byPandas('read_sas') },
  { what: 'an R file', begins: /^(RD[AX]\d\n|X\n\0\0\0)/, hint: byR },
  { what: 'an Arrow or Feather file', begins: /^ARROW1\0/, hint: byPandas('read_feather') },
  { what: 'a Parquet file', begins: /^PAR1[\0-\x08\x0e-\x1f]/, hint: named('.parquet') },
  { what: 'an ORC file', begins: /^ORC[\0-\x08\x0e-\x1f]/, hint: byPandas('read_orc') },
  { what: 'an Avro file', begins: /^Obj\x01/, hint: 'fastavro or Spark converts it to csv' },
  { what: 'an SQLite database', begins: /^SQLite format 3\0/, hint: bySql },
  { what: 'an HDF5 file', begins: /^\x89HDF/, hint: byPandas('read_hdf') },
  { what: 'a pickle of Python', begins: /^\x80[\x02-\x05]/, hint: byPandas('read_pickle') },
  { what: 'a MATLAB file', begins: /^MATLAB 5\.0/, hint: 'writetable in MATLAB converts it to csv' },
  { what: 'a NumPy array', begins: /^\x93NUMPY/, hint: named('.npy') },
  { what: 'compressed by gzip', begins: /^\x1f\x8b/, hint: `${named('.gz')}; ${byR} if R wrote it` },
  { what: 'compressed by zstd', begins: /^\x28\xb5\x2f\xfd/, hint: named('.zst') },
  { what: 'compressed by bzip2', begins: /^BZh\d1AY/, hint: 'decompress it first: bunzip2 FILE' },
  { what: 'compressed by xz', begins: /^\xfd7zXZ/, hint: 'decompress it first: unxz FILE' },
  { what: 'a tar archive', begins: /^.{257}ustar/s, hint: 'extract it with tar and name the file in it' },
  { what: 'a PDF', begins: /^%PDF-/, hint: 'copy its table into a spreadsheet and save that as csv' },
  {
    what: 'a web page',
    begins: /^\s*<(!doctype html|html)/i,
    hint: 'it may be the page of a login or an error: download the file itself',
  },
  { what: 'XML', begins: /^\s*<\?xml/, hint: byPandas('read_xml') },
  {
    what: 'an ARFF file',
    begins: /^(\s*%[^\n]*\n|\s*\n)*@relation/i,
    hint: 'remove its lines that begin with % or @, and name the columns in a first line',
  },
]

/** Refuses a file that is to be text but is one of another program, by its first bytes. */
export function refuseForeign(name: string, bytes: Uint8Array): void {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65536)).toString('latin1')
  const found = FORMATS.find(({ begins }) => begins.test(start))
  if (found) throw new DataError(`${name}: is ${found.what}`, { hint: found.hint })
}
