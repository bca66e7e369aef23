import * as z from 'zod'

import { nestedShape } from '../../table/nested-lists.ts'
import type { NestedValue } from '../../table/nested-lists.ts'
import type { Column } from '../../table/table.ts'
import { arrayKeys, arraysWithPositives, ownTarget, plainEncoding } from './options/arrays.ts'
import type { ArrayTarget } from './options/arrays.ts'
import type { TargetSelection } from './selection.ts'
import { defineSource } from './source.ts'

const Value: z.ZodType<NestedValue> = z
  .union([z.number(), z.string(), z.array(z.lazy(() => Value))])
  .meta({ id: 'value' })
const Rows = z.array(Value).min(1)
const NamedRows = z.union([Rows, z.record(z.string(), Rows)])
type NamedRows = z.infer<typeof NamedRows>

export const inline = defineSource({
  type: 'inline',
  summary: 'Rows written in the config itself',
  paths: [],
  options: () => ({
    inputs: NamedRows.describe(
      'The rows, as in [[0, 0], [0, 1]], or for several inputs a map from name to rows',
    ),
    targets: NamedRows.optional().describe(
      'The target of each row, or for several outputs a map from name to targets. None is needed beside `target: {same_as: input}`',
    ),
    ...arrayKeys,
  }),
  rules: [
    {
      needs: ['inputs', 'targets', 'target'],
      check({ inputs, targets = {}, target }, report) {
        const isSame = target?.same_as !== undefined
        if (isSame === Object.keys(targets).length > 0) {
          const message = isSame
            ? 'targets and target.same_as cannot be used together'
            : 'targets is missing: the target of each row'
          const at = isSame ? ['targets'] : []
          report(at, message, { code: isSame ? 'targets' : 'missing-target', at: 'key' })
        }
        for (const { path, message } of mistakesIn(inputs, targets)) report(path, message, { code: 'rows' })
      },
    },
  ],
  memory: () => undefined,
  selection: ({ inputs, targets = {}, features, target }) => ({
    inputs: arraysIn('inputs', inputs).map(({ name, path, rows }) => ({
      ...portName(name, path),
      path: ['data', ...path],
      columns: [name],
      exclude: [],
      encoding: plainEncoding(features.scale),
      shape: { of: nestedShape(rows[0]), path: ['data', ...path] },
    })),
    targets: targetsOf(targets, target),
    missing: 'error',
    keys: [],
  }),
  withPositives: (spec, positives) =>
    Array.isArray(spec.targets) ? arraysWithPositives(spec, positives) : spec,
  read({ inputs, targets = {} }, reading) {
    reading.fingerprint?.update(JSON.stringify([inputs, targets]))
    const arrays = [...arraysIn('inputs', inputs), ...arraysIn('targets', targets)]
    const train = {
      name: 'data',
      rows: arrays[0]?.rows.length ?? 0,
      columns: arrays.map(({ name, rows }) => columnOf(name, rows)),
      place: (row: number) => `data row ${row + 1}`,
    }
    return Promise.resolve({ train, notes: [] })
  },
})

/** The roles of the arrays of targets, or of the input that is the target. */
function targetsOf(targets: NamedRows, target: ArrayTarget): TargetSelection[] {
  const own = ownTarget(target)
  if (own.sameAs !== undefined) return [{ path: ['data', 'target'], columns: [], scale: 'none', ...own }]
  return arraysIn('targets', targets).map(({ name, path, rows }) => ({
    ...portName(name, path),
    path: ['data', ...path],
    columns: [name],
    scale: 'none',
    rows,
    // With several outputs there is no key that says which it is of.
    ...(path.length === 1 && own),
  }))
}

type InlineArray = { name: string; path: string[]; rows: NestedValue[] }

/** The arrays of a key by name: a bare list is named after the key. */
function arraysIn(key: 'inputs' | 'targets', rows: NamedRows): InlineArray[] {
  if (Array.isArray(rows)) return [{ name: key, path: [key], rows }]
  return Object.entries(rows).map(([name, named]) => ({ name, path: [key, name], rows: named }))
}

/** A bare list, whose path is only its key, belongs to the only input or output of the model. */
function portName(name: string, path: readonly string[]): { name?: string } {
  return path.length > 1 ? { name } : {}
}

function columnOf(name: string, rows: readonly NestedValue[]): Column {
  if (typeof rows[0] === 'string') return { kind: 'string', name, values: rows.map(String) }
  const values = Float64Array.from(rows.flatMap(leavesOf), Number)
  return Array.isArray(rows[0])
    ? { kind: 'array', name, shape: nestedShape(rows[0]), values }
    : { kind: 'number', name, values }
}

function leavesOf(value: NestedValue): (number | string)[] {
  return Array.isArray(value) ? value.flatMap(leavesOf) : [value]
}

type Mistake = { path: (string | number)[]; message: string }

function mistakesIn(inputs: NamedRows, targets: NamedRows): Mistake[] {
  const arrays = [...arraysIn('inputs', inputs), ...arraysIn('targets', targets)]
  const [first] = arrays
  const seen = new Set<string>()
  return arrays.flatMap(({ name, path, rows }): Mistake[] => {
    const mistakes: Mistake[] = []
    if (seen.has(name)) mistakes.push({ path, message: `the name ${name} is taken already` })
    seen.add(name)
    if (first && rows.length !== first.rows.length) {
      const message = `${rows.length} rows here, but ${first.rows.length} in ${first.path.join('.')}`
      mistakes.push({ path, message })
    }
    const odd = oddRow(rows, path[0] === 'targets')
    if (odd) mistakes.push({ path: [...path, odd.row], message: odd.message })
    return mistakes
  })
}

/** Finds a row whose shape or type is not that of the first row. */
function oddRow(
  rows: readonly NestedValue[],
  mayBeStrings: boolean,
): { row: number; message: string } | undefined {
  const shape = nestedShape(rows[0])
  const type = typeof leavesOf(rows[0] ?? [])[0]
  if (shape.includes(0)) return { row: 0, message: 'an empty list' }
  for (const [row, value] of rows.entries()) {
    if (!hasShape(value, shape)) {
      const wanted = shape.length === 0 ? 'a single value' : `a list of shape [${shape.join(', ')}]`
      const message = row === 0 ? 'its lists differ in length' : `the first row is ${wanted}, this one is not`
      return { row, message }
    }
    if (leavesOf(value).some((leaf) => typeof leaf !== type))
      return { row, message: 'strings and numbers are mixed' }
  }
  if (type === 'string' && !(mayBeStrings && shape.length === 0)) {
    return { row: 0, message: 'expected numbers; only a target may be a string, one for each row' }
  }
  return undefined
}

function hasShape(value: NestedValue, [length, ...rest]: readonly number[]): boolean {
  if (length === undefined) return !Array.isArray(value)
  return Array.isArray(value) && value.length === length && value.every((item) => hasShape(item, rest))
}
