import type { Analysis } from '../../../experiment/analysis.ts'
import type { Evaluation } from '../../../experiment/evaluation.ts'
import type { Html } from '../html.ts'
import { classesSection } from './classes.ts'
import { labelsSection } from './labels.ts'
import { numbersSection } from './numbers.ts'

/** Predictions of a model for each of its outputs, beside what is true. */
export function outputSections(
  { outputs, sourceRow }: Pick<Analysis, 'outputs' | 'sourceRow'>,
  confusions: Evaluation['outputs'],
  { isSeries = false }: { readonly isSeries?: boolean },
): (Html | undefined)[] {
  return outputs.map((output) => {
    const title = outputs.length > 1 ? `Predictions of ${output.name}` : 'Predictions'
    if (output.kind === 'labels') return labelsSection(title, output)
    if (output.kind === 'numbers') return numbersSection(title, output, { isSeries, sourceRow })
    const counted = confusions.find(({ name }) => name === output.name)
    return classesSection(title, counted, output)
  })
}
