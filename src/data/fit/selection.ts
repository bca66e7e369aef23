import { datasetNamed } from '../../components/datasets/index.ts'
import { DataError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { namedRows } from '../../components/sources/options/inline-rows.ts'
import { list, quote } from '../../wording.ts'
import type { Unseen } from '../../components/transforms/one_hot.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { ColumnsSpec, DataSpec } from '../../spec/schema/data.ts'
import type { Scale } from '../../components/sources/options/features.ts'
import type { Missing } from '../../components/sources/options/missing.ts'
import type { Target } from '../../components/sources/options/target.ts'
import type { Window } from '../../components/sources/options/window.ts'

/** The columns of one input; without `columns`, every one that is neither excluded nor used otherwise. */
export type InputSelection = {
  name?: string
  columns?: readonly string[]
  exclude: readonly string[]
  encoding: ColumnEncoding
}

/** How the columns of an input are encoded. */
export type ColumnEncoding = {
  scale: Scale
  oneHot: readonly string[]
  unseen: Unseen
  /** The transforms of single columns. */
  transforms: Readonly<Record<string, ComponentConfig>>
}

export type TargetSelection = {
  name?: string
  columns: readonly string[]
  scale: Scale
  classes?: readonly string[]
}

/** What the config says about columns, in one form for every source. */
export type Selection = {
  inputs: InputSelection[]
  targets: TargetSelection[]
  sampleWeight?: string
  missing: Missing
  window?: Window
  /** Columns that say how rows are divided or belong together, which are no features unless the config says so. */
  keys: readonly { column: string; wantedBy: string }[]
}

export function selectionOf(spec: DataSpec): Selection {
  switch (spec.type) {
    case 'inline':
      return {
        inputs: namedRows('inputs', spec.inputs).map((array) => ({
          ...portName(array),
          columns: [array.name],
          exclude: [],
          encoding: plainEncoding(spec.features.scale),
        })),
        targets: namedRows('targets', spec.targets).map((array) => ({
          ...portName(array),
          columns: [array.name],
          scale: 'none',
        })),
        missing: 'error',
        keys: [],
      }
    case 'idx':
    case 'images':
      return arraySelection({ input: 'images', target: 'labels', scale: spec.features.scale })
    case 'dataset': {
      const dataset = datasetNamed(spec.name)
      return dataset.format === 'csv'
        ? arraySelection({ target: dataset.target, scale: spec.features.scale })
        : arraySelection({ input: 'images', target: 'labels', scale: spec.features.scale })
    }
    case 'csv':
    case 'jsonl':
    case 'parquet':
    case 'npz':
      return columnSelection(spec)
  }
}

/** One input and one target; without `input`, every other column. */
function arraySelection({
  input,
  target,
  scale,
}: {
  input?: string
  target: string
  scale: Scale
}): Selection {
  return {
    inputs: [
      { exclude: [], encoding: plainEncoding(scale), ...(input !== undefined && { columns: [input] }) },
    ],
    targets: [{ columns: [target], scale: 'none' }],
    missing: 'error',
    keys: [],
  }
}

function plainEncoding(scale: Scale): ColumnEncoding {
  return { scale, oneHot: [], unseen: 'error', transforms: {} }
}

/** A bare list, whose path is only its key, belongs to the model's only input or output. */
function portName({ name, path }: { name: string; path: readonly string[] }): { name?: string } {
  return path.length > 1 ? { name } : {}
}

function columnSelection(spec: ColumnsSpec): Selection {
  const { features, inputs, target, targets, sample_weight: sampleWeight, missing, window, split } = spec
  const { scale, one_hot: oneHot = [], unseen, transforms } = features
  const encoding = { scale, oneHot, unseen, transforms }
  return {
    inputs: inputs
      ? Object.entries(inputs).map(([name, input]): InputSelection => {
          const shared = { name, exclude: [], encoding }
          if (typeof input === 'string') return { ...shared, columns: [input] }
          if (Array.isArray(input)) return { ...shared, columns: input }
          const own = { scale: input.scale ?? scale, oneHot: input.one_hot ?? oneHot }
          return { ...shared, columns: input.columns, encoding: { ...encoding, ...own } }
        })
      : [
          {
            exclude: features.exclude ?? [],
            encoding,
            ...(features.columns && { columns: features.columns }),
          },
        ],
    targets: targets
      ? Object.entries(targets).map(([name, one]) => ({ name, ...targetSelection(one) }))
      : [targetSelection(target ?? [])],
    ...(sampleWeight !== undefined && { sampleWeight }),
    missing,
    ...(window && { window }),
    keys: [
      { column: split.column, wantedBy: 'data.split.column' },
      { column: split.group, wantedBy: 'data.split.group' },
      { column: split.time, wantedBy: 'data.split.time' },
      { column: window?.series, wantedBy: 'data.window.series' },
    ].flatMap(({ column, wantedBy }) => (column === undefined ? [] : [{ column, wantedBy }])),
  }
}

function targetSelection(target: Target): TargetSelection {
  if (typeof target === 'string') return { columns: [target], scale: 'none' }
  if (Array.isArray(target)) return { columns: target, scale: 'none' }
  const { column, scale = 'none', classes } = target
  const columns = typeof column === 'string' ? [column] : column
  return { columns, scale, ...(classes && { classes: classes.map(String) }) }
}

/** Pairs each input (or output) of the model with what the config says about it. */
export function pairUp<Port extends { name: string }, Chosen extends { name?: string }>(
  what: 'input' | 'output',
  ports: readonly Port[],
  chosen: readonly Chosen[],
): { port: Port; selection: Chosen }[] {
  const key = what === 'input' ? 'data.inputs' : 'data.targets'
  const names = ports.map((port) => port.name)
  const [only] = chosen
  if (only && only.name === undefined) {
    const [port] = ports
    if (port && ports.length === 1) return [{ port, selection: only }]
    throw new DataError(
      `${key}: the model has ${ports.length} ${what}s (${list(names)}); say by name what belongs to each`,
    )
  }
  for (const { name = '' } of chosen) {
    if (names.includes(name)) continue
    const close = nearest(name, names)
    throw new DataError(
      `${key}: the model has no ${what} called ${quote(name)}; it has ${list(names)}`,
      close === undefined ? {} : { hint: `did you mean ${quote(close)}?` },
    )
  }
  return ports.map((port) => {
    const selection = chosen.find((candidate) => candidate.name === port.name)
    if (selection) return { port, selection }
    throw new DataError(`${key}: the model's ${what} ${quote(port.name)} is given nothing`)
  })
}
