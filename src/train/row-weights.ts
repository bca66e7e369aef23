import type { Dataset } from '../data/dataset.ts'
import type { OutputState } from '../data/preprocessing.ts'
import { DataError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { FitSpec } from '../spec/fit.ts'

/**
 * The weight of each training row in the loss: its sample weight times the weight of its class; undefined where all
 * weigh 1. `balanced` weighs a class by rows / (classes * its rows), as scikit-learn's compute_class_weight.
 */
export function rowWeights(
  dataset: Dataset,
  outputs: readonly OutputState[],
  classWeight: FitSpec['class_weight'],
): Float32Array | undefined {
  if (classWeight === undefined) return dataset.sampleWeight
  const output = outputs.find((candidate) => candidate.kind === 'classes' && candidate.shape.length === 1)
  const target = dataset.targets.find(({ name }) => name === output?.name)
  if (output?.kind !== 'classes' || target?.kind !== 'classes') {
    throw new DataError('fit.class_weight needs a target of classes, one a row')
  }
  const { classes } = output
  const weights =
    classWeight === 'balanced' ? balanced(target.data, classes.length) : named(classes, classWeight)
  return Float32Array.from(
    target.data,
    (index, row) => (weights[index] ?? 1) * (dataset.sampleWeight?.[row] ?? 1),
  )
}

function balanced(targets: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const index of targets) counts[index] = (counts[index] ?? 0) + 1
  const present = counts.filter((count) => count > 0).length
  return counts.map((count) => (count === 0 ? 1 : targets.length / (present * count)))
}

function named(classes: readonly string[], weights: Readonly<Record<string, number>>): number[] {
  for (const label of Object.keys(weights)) {
    if (classes.includes(label)) continue
    const close = nearest(label, classes)
    throw new DataError(`fit.class_weight: there is no class ${JSON.stringify(label)}`, {
      hint:
        close === undefined
          ? `the classes are ${classes.slice(0, 20).join(', ')}`
          : `did you mean "${close}"?`,
    })
  }
  return classes.map((label) => weights[label] ?? 1)
}
