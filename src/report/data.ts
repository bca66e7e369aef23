import { sampleRows } from '../data/inspect.ts'
import { momentsOf } from '../data/moments.ts'
import type { Inspection } from '../data/inspect.ts'
import type { ColumnProfile } from '../data/profile.ts'
import { sizeOf } from '../data/table.ts'
import type { ArrayColumn, Column } from '../data/table.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { count, counted, figure } from './format.ts'
import { drawImages, isImage } from './image.ts'
import type { ColorDepth } from './image.ts'
import { table } from './table.ts'

const SAMPLES = 10
const MOST_COLUMNS = 40
const MOST_LABELS = 30

/** The document of `data --json`. */
export function dataJson(inspection: Inspection, diagnostics: readonly Diagnostic[]) {
  const { table: source, profiles, prepared, error, labels } = inspection
  return {
    source: source.name,
    rows: source.rows,
    columns: profiles,
    ...(prepared && { splits: splitSizes(inspection), notes: prepared.notes }),
    ...(error && { error: error.message }),
    labels: Object.fromEntries(
      Array.from(labels, ([output, counts]) => [output, Object.fromEntries(counts)]),
    ),
    samples: sampleRows(source, SAMPLES).map((row) => ({
      place: source.place(row),
      values: Object.fromEntries(source.columns.map((column) => [column.name, valueAt(column, row)])),
    })),
    diagnostics,
  }
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

/** Columns, splits, labels and some rows, at most `width` characters wide where they can be. */
export function renderData(inspection: Inspection, depth: ColorDepth, width: number): string {
  const { table: source, profiles } = inspection
  const shown = profiles.slice(0, MOST_COLUMNS)
  const left = profiles.length - shown.length
  return [
    `${source.name}: ${counted(source.rows, 'row')}, ${counted(profiles.length, 'column')}`,
    table(
      ['Column', 'Role', 'Missing', 'Least', 'Most', 'Mean', 'Deviation', 'Values'],
      shown.map(profileCells),
      ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
      width,
    ),
    ...(left > 0 ? [`... and ${counted(left, 'more column')}`] : []),
    ...splitLines(inspection),
    ...labelLines(inspection, width),
    ...sampleLines(inspection, depth, width),
    '',
  ].join('\n')
}

function profileCells(profile: ColumnProfile): string[] {
  const { name, role, missing, min, max, mean, deviation } = profile
  return [
    name,
    role,
    missing === 0 ? '' : count(missing),
    ...[min, max, mean, deviation].map((value) => (value === undefined ? '' : figure(value))),
    valuesText(profile),
  ]
}

function valuesText({ kind, shape = [], distinct = 0, frequent = [] }: ColumnProfile): string {
  if (kind === 'array') return `arrays [${shape.join(', ')}]`
  if (kind === 'number') return `numbers, ${count(distinct)} different`
  const repeated = frequent.filter((one) => one.count > 1).slice(0, 3)
  const examples = repeated.map((one) => `${clip(one.value, 20)} (${count(one.count)})`)
  const shown =
    examples.length > 0 ? examples : frequent.slice(0, 1).map(({ value }) => `as ${clip(value, 20)}`)
  return `texts, ${count(distinct)} different: ${shown.join(', ')}`
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text
}

function splitLines(inspection: Inspection): string[] {
  const { prepared, error } = inspection
  if (!prepared) return error ? ['', 'These rows cannot be trained on, see below'] : []
  const { train, validation, test } = splitSizes(inspection)
  return [
    '',
    `Splits: ${counted(train, 'row')} for training, ${count(validation)} for validation, ${count(test)} for the test`,
  ]
}

function labelLines({ labels }: Inspection, width: number): string[] {
  return Array.from(labels, ([output, counts]) => {
    const rows = Array.from(counts, ([label, { train, validation, test }]) => [
      clip(label, 40),
      ...[train, validation, test].map(count),
    ])
    const left = rows.length - MOST_LABELS
    return [
      '',
      table(
        [labels.size === 1 ? 'Label' : `Label of ${output}`, 'Training', 'Validation', 'Test'],
        rows.slice(0, MOST_LABELS),
        ['left', 'right', 'right', 'right'],
        width,
      ),
      ...(left > 0 ? [`... and ${counted(left, 'more label')}`] : []),
    ]
  }).flat()
}

function sampleLines({ table: source, profiles }: Inspection, depth: ColorDepth, width: number): string[] {
  const rows = sampleRows(source, SAMPLES)
  const images = source.columns.flatMap((column) =>
    column.kind === 'array' && isImage(column.shape) ? [column] : [],
  )
  const others = source.columns.filter((column) => !images.some((image) => image === column))
  const roleOf = (column: Column) => profiles.find(({ name }) => name === column.name)?.role
  if (images.length === 0) {
    const columns = others.filter((column) => roleOf(column) !== 'unused').slice(0, 12)
    const cells = rows.map((row) => [source.place(row), ...columns.map((column) => cellText(column, row))])
    const names = columns.map(({ name }) => clip(name, 20))
    return ['', table(['Row', ...names], cells, ['left', ...columns.map((): 'right' => 'right')], width)]
  }
  return images.flatMap((column) => {
    const white = brightest(column)
    const black = Math.min(0, ...column.values.subarray(0, sizeOf(column.shape) * SAMPLES))
    const pictures = rows.map((row) => ({
      image: {
        shape: column.shape,
        values: column.values.subarray(row * sizeOf(column.shape)),
        black,
        white,
      },
      title: others.map((other) => cellText(other, row)).join(' '),
    }))
    return ['', ...drawImages(pictures, depth, width)]
  })
}

/** 255 for bytes, else the largest number. */
function brightest({ values }: ArrayColumn): number {
  return values instanceof Uint8Array ? 255 : (momentsOf(values)?.max ?? 1)
}

function cellText(column: Column, row: number): string {
  const value = valueAt(column, row)
  if (value === null) return '-'
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (typeof value === 'string') return clip(value, 20)
  const [first, second, third] = value.map((element) => String(Number(element.toPrecision(4))))
  return value.length > 3 ? `${first} ${second} ${third} ...` : value.join(' ')
}
