import { errorAt } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import type { Outline } from '../graph.ts'
import { sizeWords } from '../sizes.ts'
import { isMulticlass } from './targets.ts'
import type { OutputTarget } from './targets.ts'

/** A size that a word leaves to the data, where no one target or input tells it. */
export function sizeProblems(outline: Outline, targets: readonly OutputTarget[]): Problem[] {
  if (!outline.inputs || !outline.outputs) return []
  return sizeWords(outline).flatMap(({ word, layer, path, ports }) => {
    const [port, ...others] = ports
    const report = (message: string, hint: string): Problem[] => [errorAt('size', path, message, hint)]
    if (port === undefined || others.length > 0) {
      const what = word === 'classes' ? 'output' : 'input'
      const found = ports.length === 0 ? `no ${what}` : `the ${what}s ${ports.join(', ')}`
      return report(`${word} needs one ${what}, but "${layer}" belongs to ${found}`, 'write the number')
    }
    const target = targets.find(({ output }) => output === port)
    if (word !== 'classes' || !target || isMulticlass(target)) return []
    return report(
      `classes counts the classes of the target, but ${target.loss.type} ${target.component.kind === 'classes' ? 'needs one unit' : 'trains on numbers'}`,
      target.component.kind === 'classes' ? 'write units: 1' : 'write the number of units',
    )
  })
}
