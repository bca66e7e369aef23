import { DataError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { namedRows } from '../spec/inline.ts'
import { list, quote } from './table.ts'
import type { CsvSpec, DataSpec, JsonlSpec, Missing, Scale, Target } from '../spec/data.ts'

/** The columns of one input; without `columns`, every one that is neither excluded nor used otherwise. */
export type InputSelection = {
  name?: string
  columns?: readonly string[]
  exclude: readonly string[]
  scale: Scale
  oneHot: readonly string[]
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
}

export function selectionOf(spec: DataSpec): Selection {
  switch (spec.type) {
    case 'inline':
      return {
        inputs: namedRows('inputs', spec.inputs).map((array) => ({
          ...portName(array),
          columns: [array.name],
          exclude: [],
          scale: spec.features.scale,
          oneHot: [],
        })),
        targets: namedRows('targets', spec.targets).map((array) => ({
          ...portName(array),
          columns: [array.name],
          scale: 'none',
        })),
        missing: 'error',
      }
    case 'idx':
      return {
        inputs: [{ columns: ['images'], exclude: [], scale: spec.features.scale, oneHot: [] }],
        targets: [{ columns: ['labels'], scale: 'none' }],
        missing: 'error',
      }
    case 'csv':
    case 'jsonl':
      return columnSelection(spec)
  }
}

/** A bare list, whose path is only its key, belongs to the model's only input or output. */
function portName({ name, path }: { name: string; path: readonly string[] }): { name?: string } {
  return path.length > 1 ? { name } : {}
}

function columnSelection(spec: CsvSpec | JsonlSpec): Selection {
  const { features, inputs, target, targets, sample_weight: sampleWeight, missing } = spec
  const shared = { exclude: [], scale: features.scale, oneHot: features.one_hot ?? [] }
  return {
    inputs: inputs
      ? Object.entries(inputs).map(([name, input]) => {
          if (typeof input === 'string') return { ...shared, name, columns: [input] }
          if (Array.isArray(input)) return { ...shared, name, columns: input }
          const { columns, scale = shared.scale, one_hot: oneHot = shared.oneHot } = input
          return { name, columns, exclude: [], scale, oneHot }
        })
      : [
          {
            ...shared,
            exclude: features.exclude ?? [],
            ...(features.columns && { columns: features.columns }),
          },
        ],
    targets: targets
      ? Object.entries(targets).map(([name, one]) => ({ name, ...targetSelection(one) }))
      : [targetSelection(target ?? [])],
    ...(sampleWeight !== undefined && { sampleWeight }),
    missing,
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
