import type { InputSelection, Selection, TargetSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import type { Column, Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import { featureColumns } from './features.ts'
import type { InputPort } from './features.ts'
import type { UsedColumns } from './missing.ts'
import { rolesOf, transformsByColumn } from './roles.ts'
import type { OutputPort } from './target.ts'

/** Inputs and outputs of a model, in its order; an input without a shape is as wide as its features. */
export type ModelPorts = {
  inputs: readonly InputPort[]
  outputs: readonly TargetPort[]
  /** The number of vectors of an embedding, by the input that it looks up. */
  vocabularies?: ReadonlyMap<string, number>
}
type TargetPort = OutputPort & { kind: 'classes' | 'numbers' }

/** The columns of a table that feed the inputs and outputs of a model. */
export type ModelColumns = {
  inputs: readonly { port: InputPort; selection: InputSelection; columns: readonly Column[] }[]
  targets: readonly { port: TargetPort; selection: TargetSelection }[]
  used: UsedColumns
  /** Treatment of missing values. */
  missing: Preprocessing['missing']
  notes: readonly string[]
}

export function modelColumns(table: Table, selection: Selection, ports: ModelPorts): ModelColumns {
  const chosen = pairUp('input', ports.inputs, selection.inputs)
  const targets = pairUp('output', ports.outputs, selection.targets)
  const roles = rolesOf(table, selection)
  const inputs = chosen.map((input) => ({
    ...input,
    columns: featureColumns(table, input.selection, roles.taken),
  }))
  const features = inputs.flatMap(({ columns }) => columns)
  const missing = missingOf(selection)
  const transforms = transformsByColumn(selection)
  const isFilled = ({ name }: Column): boolean =>
    missing === 'fill' || transforms.get(name)?.['missing'] !== undefined
  const used = {
    filled: features.filter(isFilled),
    strict: [...features.filter((column) => !isFilled(column)), ...roles.others],
  }
  const seen = features.filter(({ name }) => roles.targets.has(name)).map(({ name }) => name)
  const isLeak = seen.length > 0 && !selection.window?.horizon
  const notes = isLeak ? [`${list(seen)}: a target that the model also sees as a feature`] : []
  const index = (table.index ?? []).filter(
    (name) => !roles.taken.has(name) && !features.some((column) => column.name === name),
  )
  if (index.length > 0)
    notes.push(`${list(index)}: left out, as it numbers the rows; data.features.columns can name it`)
  return { inputs, targets, used, missing, notes }
}

function missingOf({ missing }: Selection): Preprocessing['missing'] {
  return missing === 'error' || missing === 'drop' ? missing : 'fill'
}

/** Pairs each input (or output) of the model with its part of the selection. */
function pairUp<Port extends { name: string }, Chosen extends { name?: string }>(
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
      `${key}: the model has ${ports.length} ${what}s (${list(names)}): give the columns of each by name`,
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
    throw new DataError(`${key}: the model's ${what} ${quote(port.name)} gets no data`)
  })
}
