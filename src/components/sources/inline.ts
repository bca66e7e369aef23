import type { InlineSpec } from '../../spec/schema/data.ts'
import type { Reading } from '../../table/files/file.ts'
import type { Column, Table } from '../../table/table.ts'
import { namedRows, shapeOf } from './options/inline-rows.ts'
import type { Value } from './options/inline-rows.ts'

/** The rows of the config itself; its rules have checked that their shapes agree. */
export function readInline(spec: Pick<InlineSpec, 'inputs' | 'targets'>, reading: Reading): Table {
  reading.fingerprint?.update(JSON.stringify([spec.inputs, spec.targets]))
  const inputs = namedRows('inputs', spec.inputs)
  const arrays = [...inputs, ...namedRows('targets', spec.targets)]
  return {
    name: 'data',
    rows: inputs[0]?.rows.length ?? 0,
    columns: arrays.map(({ name, rows }) => columnOf(name, rows)),
    place: (row) => `data row ${row + 1}`,
  }
}

function columnOf(name: string, rows: readonly Value[]): Column {
  if (typeof rows[0] === 'string') return { kind: 'string', name, values: rows.map(String) }
  const values = new Float64Array(leaves(rows))
  return Array.isArray(rows[0])
    ? { kind: 'array', name, shape: shapeOf(rows[0]), values }
    : { kind: 'number', name, values }
}

function leaves(value: Value | readonly Value[]): number[] {
  return typeof value === 'object' ? value.flatMap(leaves) : [Number(value)]
}
