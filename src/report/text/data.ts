import type { Inspection } from '../../data/inspect/inspect.ts'
import { MAX_DISTINCT } from '../../data/inspect/profile.ts'
import type { ColumnProfile, ColumnRole } from '../../data/inspect/profile.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Column, Table } from '../../table/table.ts'
import type { Diagnostic } from '../../diagnostic.ts'
import { count, counted, knownNumber, leftOut } from './format.ts'
import { drawImages, isImage } from './image.ts'
import type { ColorDepth } from './image.ts'
import { clip, visible, widthOf } from './characters.ts'
import { numbers, table } from './table.ts'
import type { TableColumn } from './table.ts'
import { lines } from './terminal-text.ts'
import type { Part, TerminalText } from './terminal-text.ts'

const MOST_COLUMNS = 40
const MOST_LABELS = 30
/** Characters of a table's column around its text. */
const BETWEEN = 3

/** The document of `data --json`. */
export function dataJson(inspection: Inspection, diagnostics: readonly Diagnostic[]) {
  const { table: source, profiles, prepared, error, labels, samples } = inspection
  return {
    source: source.name,
    rows: source.rows,
    columns: profiles.map(columnJson),
    ...(prepared && { splits: splitSizes(inspection), notes: prepared.notes }),
    ...(error && { error: error.message }),
    labels: Object.fromEntries(
      Array.from(labels, ([output, counts]) => [output, Object.fromEntries(counts)]),
    ),
    samples: rowsOf(samples).map((row) => ({
      place: samples.place(row),
      values: Object.fromEntries(samples.columns.map((column) => [column.name, valueAt(column, row)])),
    })),
    diagnostics,
  }
}

/** A column in the document, where strings are `text`. */
function columnJson(profile: ColumnProfile) {
  return profile.kind === 'string' ? { ...profile, kind: 'text' } : profile
}

function rowsOf({ rows }: Table): number[] {
  return Array.from({ length: rows }, (_, row) => row)
}

function splitSizes({ prepared }: Inspection): { train: number; validation: number; test: number } {
  return {
    train: prepared?.train.rows ?? 0,
    validation: prepared?.validation?.rows ?? 0,
    test: prepared?.test?.rows ?? 0,
  }
}

function valueAt(column: Column, row: number): number | string | number[] | null {
  if (column.kind === 'array') {
    const size = sizeOf(column.shape)
    return Array.from(column.values.subarray(row * size, (row + 1) * size))
  }
  const value = column.values[row]
  return value === undefined || value === '' || Number.isNaN(value) ? null : value
}

/** Columns, splits, labels and sample rows, within `width` characters where possible. */
export function renderData(inspection: Inspection, depth: ColorDepth, width: number): TerminalText {
  const { table: source, profiles } = inspection
  return lines([
    `${source.name}: ${counted(source.rows, 'row')}, ${counted(profiles.length, 'column')}`,
    ...table(PROFILE, profiles.slice(0, MOST_COLUMNS).map(profileCells), width),
    ...leftOut(profiles.length - MOST_COLUMNS, 'column'),
    ...splitLines(inspection),
    ...labelLines(inspection, width),
    ...sampleLines(inspection, depth, width),
  ])
}

/** The columns of a table of profiles. */
export const PROFILE: readonly TableColumn[] = [
  { title: 'Column' },
  { title: 'Role' },
  ...numbers('Missing', 'Min', 'Max', 'Mean', 'Deviation'),
  { title: 'Values' },
]

function profileCells(profile: ColumnProfile): string[] {
  const { name, role, missing, min, max, mean, deviation } = profile
  return [
    name,
    role,
    missing === 0 ? '' : count(missing),
    ...[min, max, mean, deviation].map((value) => knownNumber(value)),
    valuesText(profile),
  ]
}

export function valuesText({ kind, shape = [], distinct, frequent = [] }: ColumnProfile): string {
  if (kind === 'array') return `arrays [${shape.join(', ')}]`
  if (kind === 'number') return `${counted(distinct ?? 0, 'distinct number')}`
  if (distinct === undefined) return `at least ${count(MAX_DISTINCT)} distinct strings`
  const repeated = frequent.filter((one) => one.count > 1).slice(0, 3)
  const examples = repeated.map((one) => `${clip(visible(one.value), 20)} (${count(one.count)})`)
  const shown =
    examples.length > 0
      ? examples
      : frequent.slice(0, 1).map(({ value }) => `such as ${clip(visible(value), 20)}`)
  return `${counted(distinct, 'distinct string')}: ${shown.join(', ')}`
}

function splitLines(inspection: Inspection): string[] {
  const { prepared, error } = inspection
  if (!prepared) return error ? ['', 'These rows cannot be used for training, see below'] : []
  const { train, validation, test } = splitSizes(inspection)
  return [
    '',
    `Splits: ${counted(train, 'row')} for training, ${count(validation)} for validation, ${count(test)} for testing`,
  ]
}

function labelLines({ labels }: Inspection, width: number): string[] {
  return Array.from(labels, ([output, counts]) => {
    const rows = Array.from(counts, ([label, { train, validation, test }]) => [
      clip(visible(label), 40),
      ...[train, validation, test].map(count),
    ])
    return [
      '',
      ...table(
        [
          { title: labels.size === 1 ? 'Label' : `Label of ${output}` },
          ...numbers('Training', 'Validation', 'Test'),
        ],
        rows.slice(0, MOST_LABELS),
        width,
      ),
      ...leftOut(rows.length - MOST_LABELS, 'label'),
    ]
  }).flat()
}

function sampleLines({ samples, profiles }: Inspection, depth: ColorDepth, width: number): Part[] {
  const rows = rowsOf(samples)
  const images = samples.columns.flatMap((column) =>
    column.kind === 'array' && isImage(column.shape) ? [column] : [],
  )
  const others = samples.columns.filter((column) => !images.some((image) => image === column))
  if (images.length === 0) {
    // The samples have the columns of the table, in its order.
    const withRole = (isWanted: (role: ColumnRole | undefined) => boolean): Column[] =>
      others.filter((_, i) => isWanted(profiles[i]?.role))
    const targets = withRole((role) => role === 'target')
    const used = withRole((role) => role !== 'target' && role !== 'unused')
    return valueLines(samples, [...targets, ...used], width)
  }
  return images.flatMap((column) => {
    const { shape, values } = column
    const { min = 0, max = 1 } = profiles.find(({ name }) => name === column.name) ?? {}
    // Bytes are absolute levels of brightness, other numbers relative to the rest of their column.
    const colors =
      values instanceof Uint8Array ? { black: 0, white: 255 } : { black: Math.min(0, min), white: max }
    const pictures = rows.map((row) => ({
      image: { shape, values: values.subarray(row * sizeOf(shape)), ...colors },
      title: others.map((other) => cellText(other, row)).join(' '),
    }))
    return ['', ...drawImages(pictures, depth, width)]
  })
}

/** The columns that fit into lines of `width` characters. */
function valueLines(samples: Table, used: readonly Column[], width: number): string[] {
  const places = rowsOf(samples).map((row) => visible(samples.place(row)))
  const columns = used.slice(0, MOST_COLUMNS).map((column) => {
    const title = clip(visible(column.name), 20)
    const cells = rowsOf(samples).map((row) => cellText(column, row))
    return { title, cells, width: longest([title, ...cells]) + BETWEEN }
  })
  let left = width - longest(places) - BETWEEN - 1
  const overflow = columns.findIndex((column) => (left -= column.width) < 0)
  const shown = overflow < 0 ? columns : columns.slice(0, Math.max(1, overflow))
  const rows = places.map((place, i) => [place, ...shown.map(({ cells }) => cells[i] ?? '')])
  return [
    '',
    ...table([{ title: 'Row' }, ...numbers(...shown.map(({ title }) => title))], rows, width),
    ...leftOut(used.length - shown.length, 'column'),
  ]
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(widthOf))
}

function cellText(column: Column, row: number): string {
  const value = valueAt(column, row)
  if (value === null) return '-'
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (typeof value === 'string') return clip(visible(value), 20)
  const [first, second, third] = value.map((element) => String(Number(element.toPrecision(4))))
  return value.length > 3 ? `${first} ${second} ${third} ...` : value.join(' ')
}
