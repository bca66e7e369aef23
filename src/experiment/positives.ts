import { sourceOf } from '../components/sources/index.ts'
import type { Positives } from '../components/sources/selection.ts'
import type { OutputState } from '../runtime/preprocessing.ts'
import type { DataSpec } from '../spec/schema/data.ts'

/** The positive classes that a data section names. */
export function positivesOf(data: DataSpec): Positives {
  const { targets } = sourceOf(data).selection(data)
  return new Map(
    targets.flatMap(({ name = '', positive }) => (positive === undefined ? [] : [[name, positive] as const])),
  )
}

/** The positive classes that were found in the rows. */
export function fittedPositives(outputs: readonly OutputState[]): Positives {
  return new Map(
    outputs.flatMap((output) =>
      output.kind === 'classes' && output.positive !== undefined
        ? [[output.name, output.positive] as const]
        : [],
    ),
  )
}

/** The data section that names these positive classes where it named none. */
export function withPositives(data: DataSpec, positives: Positives): DataSpec {
  return { ...data, ...sourceOf(data).withPositives(data, positives) }
}
