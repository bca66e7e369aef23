import type { MetricValues } from '../components/metrics/metric.ts'
import type { ProgramAnswer, ProgramCheck, ProgramOutput } from './program.ts'

/** The comparison of predictions, or weights, with those of the program that a model was exported for. */
export type ProgramComparison = {
  readonly program: string
  readonly version: string
  /** The rows that predictions are for; undefined for weights. */
  readonly rows: number | undefined
  /** Largest absolute difference of two numbers, and the largest number. */
  readonly difference: number
  readonly largest: number
  /** Labels of classes, and those among them that differ; absent where only numbers are compared. */
  readonly labels?: { readonly count: number; readonly different: number }
  /** The metric values of the model, and those of one in int8; absent for one in float32. */
  readonly metrics?: { readonly own: MetricValues; readonly quantized: MetricValues }
  /** True where rounding explains the difference, to float32 or, whatever it is, to int8. */
  readonly same: boolean
}

/** A comparison, or why there is none. */
export type ExportCheck = ProgramComparison | { readonly absent: string } | { readonly failed: string }

/** True where a comparison failed, or was not made although it is required. */
export function isMissed(check: ExportCheck, required: boolean): boolean {
  if ('absent' in check) return required
  return 'failed' in check || !check.same
}

/** Float32 rounding: of the sums of a layer, relative to the largest number, and of numbers near 0. */
const RELATIVE = 1e-5
const ABSOLUTE = 1e-6

/** `ours` are the arrays that the program's should be equal to. */
export function compare(
  { program }: Pick<ProgramCheck, 'program'>,
  answer: ProgramAnswer,
  ours: readonly ProgramOutput[],
  rows: number | undefined,
): ExportCheck {
  if (!('outputs' in answer)) return answer
  const { version, outputs } = answer
  let [difference, largest, same] = [0, 0, outputs.length === ours.length]
  let labels: ProgramComparison['labels']
  for (const [i, wanted] of ours.entries()) {
    const found = outputs[i] ?? []
    if (wanted instanceof Float32Array) {
      const size = wanted.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0)
      const most = distance(found, wanted)
      same &&= most <= RELATIVE * size + ABSOLUTE
      difference = Math.max(difference, most)
      largest = Math.max(largest, size)
    } else {
      const different = wanted.filter((label, at) => label !== found[at]).length
      same &&= different === 0
      labels = {
        count: (labels?.count ?? 0) + wanted.length,
        different: (labels?.different ?? 0) + different,
      }
    }
  }
  return { program, version, rows, difference, largest, ...(labels && { labels }), same }
}

/** The largest difference of two numbers; those that are not finite must be the same. */
function distance(found: ProgramOutput, wanted: Float32Array): number {
  if (found.length !== wanted.length) return Infinity
  return wanted.reduce((most, value, i) => {
    const other = Number(found[i] ?? NaN)
    const apart = Object.is(value, other) || value === other ? 0 : Math.abs(value - other)
    return Math.max(most, Number.isNaN(apart) ? Infinity : apart)
  }, 0)
}
