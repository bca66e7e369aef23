import { sourceOf } from '../../components/sources/index.ts'
import { errorAt, errorAtKey } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import type { ClassWeights, FitSpec } from '../../spec/schema/fit.ts'
import { isWeightsOfOne } from '../../spec/schema/per-output.ts'
import type { NestedValue } from '../../table/nested-lists.ts'
import { whichOf } from '../links.ts'
import { isMulticlass } from './targets.ts'
import type { OutputTarget } from './targets.ts'

/** The classes of a target that the config shows. */
type Known = {
  readonly count: number
  /** True where there may be more than the config shows. */
  readonly open: boolean
  readonly labels?: readonly string[]
  readonly path: ConfigPath
}

/** The units of an output against the number of its classes. */
export function classProblems(target: OutputTarget, data: DataSpec | undefined): Problem[] {
  const { loss, component, units, config } = target
  const known = data && knownClasses(target, data)
  if (!known || units === undefined || component.kind !== 'classes') return []
  const capacity = Math.max(2, units)
  if (!isMulticlass(target) && units > 1) return []
  if (known.count > capacity) {
    const option = ['units', 'filters'].find((name) => name in (config ?? {}))
    const path = option === undefined ? target.path : [...target.path, option]
    const has = units === 1 ? '1 unit, which distinguishes two' : `${units} units`
    const message = `the target has ${known.count} classes, but the last layer has ${has}`
    const hint =
      units === 1
        ? `give it ${known.count} units with softmax, and use categorical_crossentropy in place of ${loss.type}`
        : `give the last layer ${known.count} units`
    return [errorAt('class-count', path, message, hint)]
  }
  if (known.count < capacity && !known.open) {
    const message = `${known.count} classes are named here, but the last layer has ${units} units`
    const hint = `name all ${units}, or give the last layer ${known.count} units`
    return [errorAt('class-count', known.path, message, hint)]
  }
  return []
}

/** Class weights need an output of classes, and classes that exist. */
export function weightProblems(
  targets: readonly OutputTarget[],
  weights: FitSpec['class_weight'],
  data: DataSpec | undefined,
): Problem[] {
  const [target] = targets
  if (weights === undefined || !target) return []
  const path = ['fit', 'class_weight']
  if (!isWeightsOfOne(weights)) {
    return Object.entries(weights).flatMap(([output, own]) => {
      const named = targets.find((one) => one.output === output)
      const at = [...path, output]
      if (named) return weightsOfOutput(named, own, at, data)
      const names = targets.map((one) => one.output)
      return [misfit(at, `the model has no output "${output}"`, whichOf(output, names))]
    })
  }
  if (target.only) return weightsOfOutput(target, weights, path, data)
  const classes = targets.find(({ component }) => component.kind === 'classes') ?? target
  const hint = `give each output its own, as in \`class_weight: {${classes.output}: balanced}\``
  return [
    misfit(
      path,
      'the model has several outputs, and class_weight does not say which of them it is for',
      hint,
    ),
  ]
}

function weightsOfOutput(
  target: OutputTarget,
  weights: ClassWeights,
  path: ConfigPath,
  data: DataSpec | undefined,
): Problem[] {
  if (target.component.kind === 'numbers') {
    const hint = 'use data.sample_weight to weight rows'
    return [misfit(path, `class_weight is for classes, but ${target.loss.type} trains on numbers`, hint)]
  }
  const labels = data && knownClasses(target, data)?.labels
  if (!labels || weights === 'balanced') return []
  return Object.keys(weights)
    .filter((label) => !labels.includes(label))
    .map((label) =>
      misfit([...path, label], `no class has the label "${label}"`, `there are: ${labels.join(', ')}`),
    )
}

function misfit(path: ConfigPath, message: string, hint: string): Problem {
  return errorAtKey('class-weight', path, message, hint)
}

function knownClasses(output: OutputTarget, data: DataSpec): Known | undefined {
  const { targets } = sourceOf(data).selection(data)
  const target = targets.find(({ name }) => (name === undefined ? output.only : name === output.output))
  if (target?.rows) return classesIn(target.rows, target.path)
  if (!target?.classes) return undefined
  const { classes, names: labels = classes, path } = target
  return { count: labels.length, open: false, labels, path: [...path, 'classes'] }
}

/** The classes in rows that the config holds: each string is one; whole numbers are classes from 0. */
function classesIn(rows: readonly NestedValue[], path: ConfigPath): Known | undefined {
  if (rows.some(Array.isArray)) return undefined
  const labels = [...new Set(rows)]
  if (labels.every((label) => typeof label === 'string')) {
    return { count: labels.length, open: true, labels: labels.map(String), path }
  }
  const numbers = labels.map(Number)
  if (!numbers.every((label) => Number.isInteger(label) && label >= 0)) return undefined
  // Labels that count from 1 are understood where they fill the units exactly.
  const last = Math.max(...numbers)
  const fromOne = !numbers.includes(0) && numbers.length === last
  return { count: fromOne ? last : last + 1, open: true, path }
}
