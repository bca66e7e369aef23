import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import type { OutputState } from '../runtime/preprocessing.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import type { BatchWeights } from '../engine/engine.ts'
import { DataError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { ownValue } from '../own-value.ts'
import { sum } from '../statistics.ts'
import { classWeightsOf } from '../spec/schema/per-output.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { mapFloat32 } from '../float-arrays.ts'
import { initialWeights } from '../model/weights.ts'
import type { Task } from '../step/task.ts'
import { keptSteps } from './kept-steps.ts'

/** The weight of each row, or of each of its steps, in the loss of every output or of each; undefined where all weigh 1. */
export type RowWeights = (encoded: EncodedRows) => BatchWeights | undefined

/**
 * Weighs training rows, or the steps of those whose every step has a label, by their sample weight times the weight of their
 * class. `balanced` weighs a class by labels / (classes * its labels), as scikit-learn's compute_class_weight; labels of masked
 * steps do not count.
 */
export async function rowWeights(
  train: RowSet,
  outputs: readonly OutputState[],
  classWeight: FitSpec['class_weight'],
  task: Pick<Task, 'graph' | 'seed'>,
): Promise<RowWeights> {
  if (classWeight === undefined) return ({ sampleWeight }) => sampleWeight
  const byOutput = new Map<string, readonly number[]>()
  for (const output of outputs) {
    const { name } = output
    const chosen = classWeightsOf(classWeight, name)
    if (chosen === undefined) continue
    if (output.kind !== 'classes') throw new DataError('fit.class_weight needs a target of classes')
    const { classes } = output
    const weights =
      chosen === 'balanced'
        ? balanced(await countClasses(train, name, classes.length, task))
        : named(classes, chosen)
    byOutput.set(name, weights)
  }
  return (encoded) =>
    new Map(
      encoded.targets.flatMap(({ name }): [string, Float32Array][] => {
        const { sampleWeight } = encoded
        const weights = byOutput.get(name)
        if (weights === undefined) return sampleWeight ? [[name, sampleWeight]] : []
        const labels = classesIn(encoded, name)
        const labelsOfWeight = labels.length / (sampleWeight?.length ?? labels.length)
        const weigh = (index: number, i: number): number =>
          (weights[index] ?? 1) * (sampleWeight?.[Math.floor(i / labelsOfWeight)] ?? 1)
        return [[name, mapFloat32(labels, weigh)]]
      }),
    )
}

async function countClasses(
  train: RowSet,
  output: string,
  classes: number,
  { graph, seed }: Pick<Task, 'graph' | 'seed'>,
): Promise<number[]> {
  const counts = new Array<number>(classes).fill(0)
  for await (const { encoded } of windowsOf(train, inOrder)) {
    const labels = classesIn(encoded, output)
    const kept = keptSteps(graph, () => initialWeights(graph, seed), encoded).get(output)
    // A mask that is not one of the labels' steps weighs none of them.
    const mask = kept?.length === labels.length ? kept : undefined
    for (const [i, index] of labels.entries()) if (mask?.[i] !== 0) counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

function classesIn({ targets }: EncodedRows, output: string): Int32Array {
  const target = targets.find(({ name }) => name === output)
  return target?.kind === 'classes' ? target.data : new Int32Array()
}

function balanced(counts: readonly number[]): number[] {
  const labels = sum(counts)
  const present = counts.filter((count) => count > 0).length
  return counts.map((count) => (count === 0 ? 1 : labels / (present * count)))
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
  return classes.map((label) => ownValue(weights, label) ?? 1)
}
