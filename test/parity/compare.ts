import type { MetricValues } from '../../src/components/metrics/metric.ts'
import type { RandomSpec } from './random-spec.ts'
import { parametersOf } from './train.ts'
import type { Trained } from './train.ts'

/** How far a number or tensor is from the wanted one, relative to the largest of the wanted numbers. */
export type Difference = { readonly what: string; readonly size: number }

/** What is smaller than this is compared as if it were as large. */
const SMALLEST = 1e-3

export function difference({ what, size }: Difference): string {
  return `${size.toExponential(1)} in ${what}`
}

/** The largest difference of two trainings. */
export function worst(found: Trained, wanted: Trained, spec: RandomSpec): Difference {
  const differences: Difference[] = []
  const compare = (
    what: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    least = SMALLEST,
  ): void => void differences.push({ what, size: relative(actual, expected, least) })
  const compareFigures = (when: string, actual: MetricValues = {}, expected: MetricValues): void => {
    for (const [name, value] of Object.entries(expected)) {
      const least = name === 'loss' ? Math.max(SMALLEST, lossTerms(spec, expected)) : SMALLEST
      compare(`${name} ${when}`, [actual[name] ?? NaN], [value], least)
    }
  }
  for (const [step, figures] of wanted.figures.entries()) {
    compareFigures(`of step ${step}`, found.figures[step], figures)
  }
  for (const [i, parameter] of parametersOf(spec).entries()) {
    compare(`weights ${parameter.id}`, found.end[i] ?? [], wanted.end[i] ?? [])
  }
  compareFigures('of the evaluation', found.evaluation, wanted.evaluation)
  for (const [name, values] of Object.entries(wanted.predictions)) {
    compare(`predictions of ${name}`, found.predictions[name] ?? [], values)
  }
  return differences.reduce((most, next) => (next.size > most.size ? next : most), {
    what: 'nothing',
    size: 0,
  })
}

/** The sizes of what the total loss adds up, where some of it may be negative: the losses of the outputs, and penalties. */
function lossTerms({ task: { outputs } }: RandomSpec, figures: MetricValues): number {
  if (outputs.length === 1) return 0
  const terms = outputs.map(({ name, lossWeight }) => lossWeight * (figures[`${name}_loss`] ?? NaN))
  const penalties = terms.reduce((rest, term) => rest - term, figures['loss'] ?? NaN)
  const size = [...terms, penalties].reduce((sum, term) => sum + Math.abs(term), 0)
  return Number.isFinite(size) ? size : 0
}

/** Numbers that are not finite agree with one another: Keras's come as null. */
function relative(actual: ArrayLike<number>, wanted: ArrayLike<number>, least: number): number {
  if (actual.length !== wanted.length) return Infinity
  let size = least
  let most = 0
  for (let i = 0; i < wanted.length; i++) {
    const [ours, theirs] = [actual[i] ?? NaN, wanted[i] ?? NaN]
    if (!Number.isFinite(ours) && !Number.isFinite(theirs)) continue
    const distance = Math.abs(ours - theirs)
    if (!Number.isFinite(distance)) return Infinity
    size = Math.max(size, Math.abs(theirs))
    most = Math.max(most, distance)
  }
  return most / size
}
