import type { Selection } from '../../components/sources/selection.ts'
import { transforms } from '../../components/transforms/index.ts'
import type { ComponentConfig } from '../../registry.ts'
import { findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'

/** The columns that are not features by default: targets, the sample weight, and those that divide rows. */
export function rolesOf(
  table: Table,
  selection: Selection,
): { taken: Set<string>; targets: Set<string>; others: Column[] } {
  const targets = new Set(selection.targets.flatMap((target) => target.columns))
  const wanted = new Map(Array.from(targets, (name) => [name, 'data.target']))
  for (const name of selection.sampleWeight ?? []) wanted.set(name, 'data.sample_weight')
  for (const { column, wantedBy } of selection.keys) if (!wanted.has(column)) wanted.set(column, wantedBy)
  for (const { encoding } of selection.inputs) {
    for (const name of encoding.oneHot) findColumn(table, name, 'one_hot')
    for (const name of Object.keys(encoding.transforms)) findColumn(table, name, 'data.features.transforms')
  }
  const transforms = transformsByColumn(selection)
  const others = Array.from(wanted, ([name, by]) => findColumn(table, name, by))
  const isKey = (name: string): boolean => selection.keys.some(({ column }) => column === name)
  const taken = [...wanted.keys()].filter(
    (name) => !isKey(name) || targets.has(name) || !transforms.has(name),
  )
  return { taken: new Set(taken), targets, others }
}

/** The transforms that the config gives columns by name: those of the first input that names them. */
export function transformsByColumn({ inputs }: Selection): ReadonlyMap<string, ComponentConfig> {
  return new Map(inputs.toReversed().flatMap(({ encoding }) => Object.entries(encoding.transforms)))
}

/** The labels and categories that the config lists, by column: values even where they read like missing ones. */
export function listedValues({ inputs, targets }: Selection): Map<string, readonly string[]> {
  const listed = new Map<string, readonly string[]>()
  for (const [column, config] of inputs.flatMap(({ encoding }) => Object.entries(encoding.transforms))) {
    const { categories } = config
    if (Array.isArray(categories)) listed.set(column, categories.map(String))
  }
  for (const { columns, classes } of targets)
    if (classes) for (const column of columns) listed.set(column, classes)
  return listed
}

/** The columns to read as strings, whatever their values look like. */
export function stringColumns({ inputs, targets, keys }: Selection): Map<string, 'string'> {
  const labeled = targets.filter(({ classes }) => classes?.some((label) => Number.isNaN(Number(label))))
  const encoded = inputs.flatMap(({ encoding }) => [
    ...encoding.oneHot,
    ...Object.entries(encoding.transforms).flatMap(([name, config]) =>
      transforms.of(config).kind === 'encoding' ? [name] : [],
    ),
  ])
  const named = keys.filter(({ wantedBy }) => wantedBy !== 'data.split.time').map(({ column }) => column)
  const names = [...encoded, ...named, ...labeled.flatMap(({ columns }) => columns)]
  return new Map(names.map((name) => [name, 'string']))
}
