import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { sourceOf } from '../../src/components/sources/index.ts'
import { DataSpec } from '../../src/spec/schema/data.ts'
import type { ModelPorts } from '../../src/data/fit/model-columns.ts'
import { prepareData } from '../../src/data/prepare/prepare.ts'
import { readRows } from '../../src/data/prepare/new-rows.ts'
import type { PreparedData, PrepareOptions } from '../../src/data/prepare/prepare.ts'
import type { EncodedRows } from '../../src/data/rows/encoded-rows.ts'
import type { Preprocessing } from '../../src/runtime/preprocessing.ts'
import type { RowsOptions, RowsSource } from '../../src/data/prepare/new-rows.ts'
import type { RowSet } from '../../src/data/rows/row-set.ts'
import type { SourceReading } from '../../src/components/sources/source.ts'
import type { Column, DividedTables, Table } from '../../src/table/table.ts'

/** A folder holding these files, removed when the test ends. */
export async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-data-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

/** The files in a folder that this process has open, removed ones too. */
export function openIn(folder: string): string[] {
  const descriptors = readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return readlinkSync(join('/proc/self/fd', descriptor))
    } catch {
      // The folder itself was open while it was read.
      return []
    }
  })
  return descriptors.filter((path) => path.startsWith(folder))
}

export function tableOf(columns: readonly Column[]): Table {
  const [first] = columns
  const rows = first ? first.values.length : 0
  return { name: 'table', rows, columns, place: (row) => `table:${row + 1}` }
}

export function numbers(name: string, values: readonly number[]): Column {
  return { kind: 'number', name, values: Float64Array.from(values) }
}

export function texts(name: string, values: readonly string[]): Column {
  return { kind: 'string', name, values: [...values] }
}

export function rowsUpTo(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row)
}

export const oneInput = (...shape: number[]) => [{ name: 'input', shape }]
export const classes = (...shape: number[]) => [{ name: 'output', shape, kind: 'classes' as const }]
export const values = (...shape: number[]) => [{ name: 'output', shape, kind: 'numbers' as const }]

type Prepared = Omit<PreparedData, 'train' | 'validation' | 'test'> & {
  train: EncodedRows
  validation?: EncodedRows
  test?: EncodedRows
}

/** A data section as a config writes it. */
export type WrittenData = { type: string; [key: string]: unknown }

/** Reads the rows of a data section. */
export function readSource(written: WrittenData, reading: SourceReading): Promise<DividedTables> {
  const spec = DataSpec.parse(written)
  return sourceOf(spec).read(spec, reading)
}

/** Prepares a data section as a config would give it; its rows are in memory. */
export async function prepare(
  spec: WrittenData,
  { inputs, outputs, ...options }: ModelPorts & Partial<PrepareOptions>,
): Promise<Prepared> {
  const prepared = await prepareData(DataSpec.parse(spec), {
    directory: '.',
    seed: 0,
    portsFor: () => ({ inputs, outputs }),
    ...options,
  })
  const { train, validation, test, ...others } = prepared
  return {
    ...others,
    train: wholeOf(train),
    ...(validation && { validation: wholeOf(validation) }),
    ...(test && { test: wholeOf(test) }),
  }
}

/** Reads new rows into memory. */
export async function newRows(
  source: RowsSource,
  preprocessing: Preprocessing,
  options: Omit<RowsOptions, 'memory'>,
): Promise<{ encoded: EncodedRows; notes: string[] }> {
  const { rows, notes } = await readRows(source, preprocessing, { ...options, memory: '1 GB' })
  return { encoded: wholeOf(rows), notes }
}

function wholeOf({ whole }: RowSet): EncodedRows {
  if (!whole) throw new Error('the rows are not in memory')
  return whole
}

/** Plain numbers of an encoded block, rounded so that they compare with ===. */
export function plain(data: ArrayLike<number> | undefined): number[] {
  return Array.from(data ?? [], (value) => Math.round(value * 1e5) / 1e5)
}
