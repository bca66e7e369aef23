import type { Parameter } from '../../src/model/graph.ts'
import type { Trained } from './train.ts'

/** How far a number or tensor is from the wanted one, relative to the largest of the wanted numbers. */
export type Difference = { readonly what: string; readonly size: number }

export function difference({ what, size }: Difference): string {
  return `${size.toExponential(1)} in ${what}`
}

/** The largest difference of two trainings. */
export function worst(found: Trained, wanted: Trained, parameters: readonly Parameter[]): Difference {
  const differences: Difference[] = []
  const compare = (what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void =>
    void differences.push({ what, size: relative(actual, expected) })
  for (const [step, figures] of wanted.figures.entries()) {
    for (const [name, value] of Object.entries(figures)) {
      compare(`${name} of step ${step}`, [found.figures[step]?.[name] ?? NaN], [value])
    }
  }
  for (const [i, parameter] of parameters.entries()) {
    compare(`weights ${parameter.id}`, found.end[i] ?? [], wanted.end[i] ?? [])
  }
  for (const [name, value] of Object.entries(wanted.evaluation)) {
    compare(`evaluated ${name}`, [found.evaluation[name] ?? NaN], [value])
  }
  for (const [name, values] of Object.entries(wanted.predictions)) {
    compare(`predictions of ${name}`, found.predictions[name] ?? [], values)
  }
  return differences.reduce((most, next) => (next.size > most.size ? next : most), {
    what: 'nothing',
    size: 0,
  })
}

/** Numbers that are not finite agree with one another: Keras's come as null. */
function relative(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (actual.length !== wanted.length) return Infinity
  let size = 1e-3
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
