import type { Dimension, NumberDimension, SearchPoint } from '../components/samplers/dimension.ts'
import type { SweepParameter, SweepSpec } from '../spec/schema/sweep.ts'

/** Values of keys by their paths: those by which the config of a trial differs from the config of the sweep. */
export type Assignments = Readonly<Record<string, unknown>>

/** A searched parameter of a sweep, or several keys whose values are paired. */
export type SearchParameter = {
  /** The path of its key; `paired` for several keys. */
  readonly name: string
  readonly dimension: Dimension
  /** The keys that it sets, for a coordinate. */
  readonly assign: (coordinate: number) => Assignments
}

/** Significant digits of the numbers that are drawn from a range. */
const DIGITS = 6

/** The parameters of a sweep, in the order of the config. */
export function parametersOf({ parameters, paired }: SweepSpec): SearchParameter[] {
  return [
    ...Object.entries(parameters).map(([name, parameter]) => searchParameter(name, parameter)),
    ...(paired ? [choice('paired', paired.length, (index) => paired[index] ?? {})] : []),
  ]
}

/** The values that a point stands for. */
export function assignmentsOf(parameters: readonly SearchParameter[], point: SearchPoint): Assignments {
  const parts = parameters.map(({ assign }, i) => assign(point[i] ?? 0))
  return Object.assign({}, ...parts) as Assignments
}

/** Assignments as arguments of `--set`. */
export function overridesOf(assignments: Assignments): string[] {
  return Object.entries(assignments).map(([path, value]) => `${path}=${JSON.stringify(value)}`)
}

function searchParameter(name: string, parameter: SweepParameter): SearchParameter {
  if ('value' in parameter && parameter.value !== undefined)
    return choice(name, 1, () => ({ [name]: parameter.value }))
  const { values } = parameter
  if (values !== undefined) return choice(name, values.length, (index) => ({ [name]: values[index] }))
  const { dimension, valueOf } = rangeOf(parameter)
  return { name, dimension, assign: (coordinate) => ({ [name]: valueOf(coordinate) }) }
}

function choice(name: string, count: number, assign: SearchParameter['assign']): SearchParameter {
  return { name, dimension: { kind: 'choice', count }, assign }
}

type Range = {
  readonly dimension: NumberDimension
  readonly valueOf: (coordinate: number) => number
}

/** Deviations from the mean that bound a normal distribution. */
const NORMAL_BOUND = 4

function rangeOf({ min = 0, max = 1, distribution, q = 1, mu = 0, sigma = 1 }: SweepParameter): Range {
  const areWhole = Number.isInteger(min) && Number.isInteger(max)
  const multiple = (value: number): number => rounded(Math.round(value / q) * q)
  switch (distribution ?? (areWhole ? 'int_uniform' : 'uniform')) {
    case 'int_uniform':
      return { dimension: { kind: 'number', low: min, high: max, step: 1 }, valueOf: Math.round }
    case 'uniform':
      return { dimension: { kind: 'number', low: min, high: max }, valueOf: rounded }
    case 'q_uniform':
      return {
        dimension: { kind: 'number', low: Math.ceil(min / q) * q, high: Math.floor(max / q) * q, step: q },
        valueOf: multiple,
      }
    case 'log_uniform_values':
      return {
        dimension: { kind: 'number', low: Math.log(min), high: Math.log(max) },
        valueOf: (coordinate) => Math.min(max, Math.max(min, rounded(Math.exp(coordinate)))),
      }
    case 'q_log_uniform_values':
      return {
        dimension: { kind: 'number', low: Math.log(min), high: Math.log(max) },
        valueOf: (coordinate) => multiple(Math.exp(coordinate)),
      }
    case 'normal':
      return { dimension: normal(mu, sigma), valueOf: rounded }
    case 'q_normal':
      return { dimension: normal(mu, sigma), valueOf: multiple }
  }
}

function normal(mean: number, deviation: number): NumberDimension {
  const bound = NORMAL_BOUND * deviation
  return { kind: 'number', low: mean - bound, high: mean + bound, normal: { mean, deviation } }
}

/** A number of a few digits: configs stay readable, and the last bits of exp and log do not matter. */
function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}
