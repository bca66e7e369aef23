import { pruners } from '../components/pruners/index.ts'
import { quantile } from '../components/samplers/dimension.ts'
import { samplers } from '../components/samplers/index.ts'
import { errorAt, errorAtKey } from '../diagnostic.ts'
import type { ConfigPath, Diagnostic } from '../diagnostic.ts'
import { checkConfig } from '../experiment/build-experiment.ts'
import type { ConfigDocument } from '../spec/document/document.ts'
import { namesOn } from '../spec/document/overrides.ts'
import type { SweepSpec } from '../spec/schema/sweep.ts'
import { overridesOf, parametersOf } from './space.ts'
import type { SearchParameter } from './space.ts'
import { samplerOf } from './sampler-of.ts'
import { triedValues } from './tried-values.ts'
import type { Tried } from './tried-values.ts'

/** Everything that is wrong with the parameters of a sweep: each value is checked as if the config had it. */
export function sweepProblems(document: ConfigDocument, sweep: SweepSpec): Diagnostic[] {
  const known = new Set(checkConfig(document).diagnostics.map(identity))
  return [
    ...parametersOf(sweep).flatMap((parameter) => {
      const problems = problemsOf(document, triedValues(sweep, parameter), known)
      return problems.length > 0 ? problems : drawnProblems(document, parameter, known)
    }),
    ...wholeProblems(document, sweep, known),
    ...droppedProblems(document, sweep),
    ...methodProblems(document, sweep),
    ...epochProblems(document, sweep),
  ]
}

/** The problem of parameters that set the epochs beside a pruner with rungs, which are parts of the epochs of the config. */
function epochProblems(document: ConfigDocument, sweep: SweepSpec): Diagnostic[] {
  const { early_terminate: pruner } = sweep
  if (pruner === undefined || pruners.of(pruner).ladder === undefined) return []
  const epochsWith = (overrides: readonly string[]): number | undefined =>
    checkConfig(document.with(overrides)).experiment?.spec.fit.epochs
  const own = epochsWith([])
  const first = parametersOf(sweep)
    .flatMap((parameter) => triedValues(sweep, parameter))
    .find(({ overrides }) => ![own, undefined].includes(epochsWith(overrides)))
  if (first === undefined) return []
  return [
    document.locate(
      errorAtKey(
        'sweep',
        ['sweep', ...first.at.slice(0, 2)],
        `${pruner.type} decides after how many epochs a trial ends, so that fit.epochs cannot be searched`,
        'leave fit.epochs out of the parameters, or early_terminate',
      ),
    ),
  ]
}

/** Shares of the numbers of a range that lie below those that are checked. */
const SHARES = [0.01, 0.3, 0.7, 0.99]

/** The problem of a range whose ends have none, but some of whose numbers: the first of these tells it. */
function drawnProblems(
  document: ConfigDocument,
  { name, dimension, assign }: SearchParameter,
  known: ReadonlySet<string>,
): Diagnostic[] {
  if (dimension.kind === 'choice') return []
  const at = ['parameters', name, 'distribution']
  for (const share of SHARES) {
    const overrides = overridesOf(assign(quantile(dimension, share)))
    const [first] = problemsOf(document, [{ overrides, at }], known)
    if (first !== undefined)
      return [{ ...first, hint: first.hint ?? 'change the distribution, to int_uniform for whole numbers' }]
  }
  return []
}

/** The problems of ranges between whole numbers, for keys that take others, too: 1.0 cannot be told from 1. */
function wholeProblems(
  document: ConfigDocument,
  { parameters }: SweepSpec,
  known: ReadonlySet<string>,
): Diagnostic[] {
  return Object.entries(parameters).flatMap(([path, { min = NaN, max = NaN, distribution }]) => {
    if (distribution !== undefined || !Number.isInteger(min) || !Number.isInteger(max)) return []
    const at = ['parameters', path]
    const between = { overrides: overridesOf({ [path]: min + 0.5 }), at }
    if (problemsOf(document, [between], known).length > 0) return []
    const message = `min and max are whole numbers, and ${path} takes others, too`
    const hint = 'add distribution: uniform for all numbers between them, or int_uniform for whole ones'
    return [document.locate(errorAtKey('sweep', ['sweep', ...at], message, hint))]
  })
}

/** The problems of parameters that would have no effect: a later one sets the same key, or replaces what holds it. */
function droppedProblems(document: ConfigDocument, { parameters, paired = [] }: SweepSpec): Diagnostic[] {
  const single = Object.keys(parameters).map((path) => ({ path, at: ['parameters', path] }))
  const pairs = paired.map((values, i) =>
    Object.keys(values).map((path) => ({ path, at: ['paired', i, path] })),
  )
  const report = (at: ConfigPath, message: string, hint: string): Diagnostic =>
    document.locate(errorAtKey('sweep', ['sweep', ...at], message, hint))
  const droppedBy = (
    { path, at }: { path: string; at: ConfigPath },
    earlier: readonly { path: string }[],
  ): Diagnostic[] => {
    const names = namesOn(path)
    if (names[0] === 'sweep') return [report(at, 'a sweep cannot search its own keys', 'leave it out')]
    const dropped = earlier.find((one) => names.every((name, i) => namesOn(one.path)[i] === name))
    if (dropped === undefined) return []
    const isSame = namesOn(dropped.path).length === names.length
    const message = isSame ? `${dropped.path} already sets this key` : `it replaces ${dropped.path} above`
    return [report(at, message, isSame ? 'remove one of the two' : 'list it first, or remove one of the two')]
  }
  return [
    ...single.flatMap((one, i) => droppedBy(one, single.slice(0, i))),
    ...pairs.flatMap((keys) => keys.flatMap((one, i) => droppedBy(one, [...single, ...keys.slice(0, i)]))),
  ]
}

/** The problems that values bring; those that several values have in common are told once. */
function problemsOf(
  document: ConfigDocument,
  tried: readonly Tried[],
  known: ReadonlySet<string>,
): Diagnostic[] {
  const told = new Set(known)
  return tried.flatMap(({ overrides, at }) =>
    checkConfig(document.with(overrides)).diagnostics.flatMap((found) => {
      if (found.severity === 'warning' || told.has(identity(found))) return []
      told.add(identity(found))
      const { severity, code, message, path, hint } = found
      const key = overrides[0]?.slice(0, overrides[0].indexOf('='))
      const isOwn = path === '' || path === key
      // A key that does not exist is wrong whatever its value.
      const isAboutKey = code === 'set' || (code === 'unknown-key' && isOwn)
      return document.locate({
        severity,
        code,
        message: isOwn ? message : `${path}: ${message}`,
        path: ['sweep', ...(isAboutKey ? at.slice(0, 2) : at)],
        ...(isAboutKey && { at: 'key' as const }),
        ...(hint !== undefined && { hint }),
      })
    }),
  )
}

function identity({ code, path, message }: Diagnostic): string {
  return JSON.stringify([code, path, message])
}

/** The parameters are ones that the method can search. */
function methodProblems(document: ConfigDocument, sweep: SweepSpec): Diagnostic[] {
  const parameters = parametersOf(sweep)
  const { type } = samplerOf(sweep)
  const refusal = samplers.of({ type }).refusal?.(parameters.map(({ dimension }) => dimension))
  if (refusal === undefined) return []
  const { name } = parameters[refusal.dimension ?? -1] ?? {}
  const problem =
    name === undefined
      ? errorAt('sweep', ['sweep', 'method'], refusal.message, 'choose method: random')
      : errorAt(
          'sweep',
          ['sweep', 'parameters', name],
          refusal.message,
          'list its values, or choose method: random, sobol or tpe',
        )
  return [document.locate(problem)]
}
