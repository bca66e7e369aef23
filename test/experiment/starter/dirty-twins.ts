// The files that people have of a table: as it should be, and as tools of several places and habits write it.

import type { Cell, ClassicTable, Meaning } from './classic-tables.ts'
import { draws } from './draws.ts'

export type TableFile = { readonly path: string; readonly content: Uint8Array }

/** The way in which a tool writes a table. */
type Writing = {
  readonly delimiter: string
  readonly encoding: 'utf8' | 'latin1' | 'utf16le'
  readonly lineEnd: string
  readonly first: string
  /** The words for a missing value, taken in turn. */
  readonly missing: readonly string[]
  readonly flags: readonly (readonly [no: string, yes: string])[]
  readonly date: (iso: string) => string
  readonly number: (value: number) => string
  /** Columns that tell nothing, before and after the others. */
  readonly before: Readonly<Record<string, (row: number) => string>>
  readonly after: Readonly<Record<string, (row: number) => string>>
  /** The share of cells of features that are lost, and that of rows written twice. */
  readonly lost: number
  readonly twice: number
}

const clean: Writing = {
  delimiter: ',',
  encoding: 'utf8',
  lineEnd: '\n',
  first: '',
  missing: [''],
  flags: [['no', 'yes']],
  date: (iso) => iso,
  number: String,
  before: {},
  after: {},
  lost: 0,
  twice: 0,
}

/** Groups of three digits of the whole part. */
const grouped = (value: number, decimal: string, group: string): string => {
  const [whole = '', fraction] = String(value).split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + (fraction === undefined ? '' : decimal + fraction)
}
const parts = (iso: string): readonly string[] => iso.split(/[- ]/)
/** Numbers without an order that repeat late, such as hashes. */
const scrambled = (row: number): string => ((row * 2654435761) >>> 0).toString(16).padStart(8, '0')

const dirty: Readonly<Record<string, Writing>> = {
  german: {
    ...clean,
    delimiter: ';',
    encoding: 'latin1',
    lineEnd: '\r\n',
    missing: ['-', ''],
    flags: [['nein', 'ja']],
    date: (iso) => {
      const [year, month, day, time] = parts(iso)
      return `${day}.${month}.${year}${time === undefined ? '' : ` ${time}`}`
    },
    number: (value) => grouped(value, ',', '.'),
    before: { 'Lfd. Nr.': (row) => String(row + 1) },
    after: { Straße: (row) => (row % 2 ? 'Köln' : 'Düren'), Bemerkung: () => '' },
    lost: 0.02,
  },
  pandas: {
    ...clean,
    missing: ['NaN', 'nan', ''],
    flags: [
      ['False', 'True'],
      ['false', 'TRUE'],
    ],
    before: { '': String, 'Unnamed: 0': String },
    after: { version: () => '3', empty: () => '' },
    lost: 0.03,
    twice: 0.02,
  },
  excel: {
    ...clean,
    delimiter: '\t',
    encoding: 'utf16le',
    lineEnd: '\r\n',
    first: '\ufeff',
    missing: ['n/a', 'unknown', '#N/A'],
    flags: [
      ['No', 'Yes'],
      ['no', 'YES'],
    ],
    date: (iso) => {
      const [year, month, day, time] = parts(iso)
      return `${Number(month)}/${Number(day)}/${year}${time === undefined ? '' : ` ${time.slice(0, 5)}`}`
    },
    number: (value) => grouped(value, '.', ','),
    before: { 'Record ID': (row) => `R-${10000 + row}` },
    after: { 'Updated by': () => 'admin', Checked: (row) => (row === 7 ? 'twice' : 'once') },
    lost: 0.03,
  },
  database: {
    ...clean,
    delimiter: '|',
    missing: ['NULL', '\\N'],
    flags: [
      ['f', 't'],
      ['F', 'T'],
    ],
    date: (iso) => iso.replaceAll('-', '/'),
    before: {
      row_uuid: scrambled,
      created_at: (row) => `2024-0${1 + (row % 9)}-1${row % 10} 10:1${row % 6}:00`,
    },
    after: {
      customer_no: (row) => String(500000 + ((row * 7919) % 100003)),
      source: (row) => `batch ${row % 400}`,
    },
    lost: 0.03,
    twice: 0.03,
  },
}

export const twins = Object.keys(dirty)

/** A table as a csv file, of a twin or clean; with the rows that the file has. */
export function fileOf(table: ClassicTable, twin?: string): { table: ClassicTable; file: TableFile } {
  const writing = twin === undefined ? clean : dirty[twin]
  if (writing === undefined) throw new Error(`there is no twin ${String(twin)}`)
  const draw = draws(`${table.name} ${twin}`)
  const lose = (name: string, cell: Cell): Cell =>
    name !== table.target && table.meanings[name] !== 'text' && draw.chance(writing.lost) ? null : cell
  const rows = table.rows.flatMap((row) => {
    const kept = Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, lose(name, cell)]))
    return draw.chance(writing.twice) ? [kept, kept] : [kept]
  })
  const names = Object.keys(rows[0] ?? {})
  const text = (name: string, cell: Cell): string => cellText(writing, table.meanings[name], cell, draw.pick)
  const lines = rows.map((row, i) => [
    ...Object.values(writing.before).map((cell) => cell(i)),
    ...names.map((name) => text(name, row[name] ?? null)),
    ...Object.values(writing.after).map((cell) => cell(i)),
  ])
  const header = [...Object.keys(writing.before), ...names, ...Object.keys(writing.after)]
  const quoted = (field: string): string =>
    field.includes(writing.delimiter) || field.includes('"') ? `"${field.replaceAll('"', '""')}"` : field
  const content = [header, ...lines].map((line) => line.map(quoted).join(writing.delimiter) + writing.lineEnd)
  return {
    table: { ...table, rows },
    file: {
      path: `${table.name}.csv`,
      content: Buffer.from(writing.first + content.join(''), writing.encoding),
    },
  }
}

function cellText(
  { missing, flags, date, number }: Writing,
  meaning: Meaning | undefined,
  cell: Cell,
  pick: <T>(items: readonly T[]) => T,
): string {
  if (cell === null) return pick(missing)
  if (typeof cell === 'boolean') return pick(flags)[cell ? 1 : 0] ?? ''
  // Years and codes are not grouped.
  if (typeof cell === 'number') return meaning === 'id' ? String(cell) : number(cell)
  return meaning === 'date' ? date(cell) : cell
}
