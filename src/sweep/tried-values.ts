import type { ConfigPath } from '../diagnostic.ts'
import { namesOn } from '../spec/document/overrides.ts'
import type { SweepParameter, SweepSpec } from '../spec/schema/sweep.ts'
import { overridesOf, parametersOf } from './space.ts'
import type { SearchParameter } from './space.ts'

/** A value of a parameter that is tried before the first trial, and its place in the section `sweep`. */
export type Tried = { readonly overrides: readonly string[]; readonly at: ConfigPath }

/** The values of a parameter that are tried: all of a list, the ends of a range, all that are paired. */
export function triedValues({ parameters, paired = [] }: SweepSpec, { name }: SearchParameter): Tried[] {
  const parameter = parameters[name]
  if (parameter === undefined)
    return paired.map((values, i) => ({ overrides: overridesOf(values), at: ['paired', i] }))
  return valuesOf(parameter).map(({ value, at }) => ({
    overrides: overridesOf({ [name]: value }),
    at: ['parameters', name, ...at],
  }))
}

function valuesOf({ values, value, min, max }: SweepParameter): { value: unknown; at: ConfigPath }[] {
  if (values) return values.map((one, i) => ({ value: one, at: ['values', i] }))
  if (value !== undefined) return [{ value, at: ['value'] }]
  if (min === undefined || max === undefined) return []
  return [
    { value: min, at: ['min'] },
    { value: max, at: ['max'] },
  ]
}

/**
 * The overrides with which the rows of a sweep are read before the first trial: each value of a parameter of the data section
 * beside the first ones of the others. The first have none where no parameter is one of the data.
 */
export function triedRows(sweep: SweepSpec): string[][] {
  const searched = parametersOf(sweep)
    .map((parameter) => triedValues(sweep, parameter).map(({ overrides }) => overrides))
    .filter((tried) => tried.some((overrides) => overrides.some(isOfData)))
  const first = searched.map(([overrides = []]) => overrides)
  return [
    first.flat(),
    ...searched.flatMap((tried, i) =>
      tried.slice(1).map((overrides) => [...first.slice(0, i), overrides, ...first.slice(i + 1)].flat()),
    ),
  ]
}

function isOfData(override: string): boolean {
  return namesOn(override.slice(0, override.indexOf('=')))[0] === 'data'
}
