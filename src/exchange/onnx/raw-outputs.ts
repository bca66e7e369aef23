// Numbers of the outputs as `nnlab predict` shows them: labels, probabilities, numbers in the target's units.
import { positiveIndex } from '../../runtime/preprocessing.ts'
import type { ClassesState, OutputState } from '../../runtime/preprocessing.ts'
import { limitOf, namesOfClasses } from '../../runtime/predictions.ts'
import type { RawResult } from '../raw.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'
import { writeUnscaled } from './scaling.ts'

/** The place of a label that a refused row has: no class has it. */
const NO_CLASS = -1

/** Writes a result from the numbers of its output [rows, ...shape]; `refused` is true in rows that are predicted nothing. */
export function writeResult(
  graph: GraphWriter,
  { name, holds, shape, output }: RawResult,
  values: string,
  refused: string,
): void {
  const shares = toProbabilities(graph, output, values)
  const blank = onAxes(graph, refused, shape.length)
  if (output.kind === 'classes' && holds === 'labels') {
    const labels = labelsOf(graph, output, shares, blank)
    graph.output(name, labels, shape, ElementType.string)
    return
  }
  const numbers =
    output.kind === 'classes'
      ? bothClasses(graph, output, shares)
      : writeUnscaled(graph, shares, output.scalings, output.shape)
  const nothing = graph.constant([], Float32Array.of(NaN))
  const shown = graph.node('Where', [blank, nothing, numbers])
  graph.output(name, graph.node('Reshape', [shown, graph.integers([-1, ...shape])]), shape)
}

/** The refused rows [rows, 1], with as many axes as the results have. */
function onAxes(graph: GraphWriter, refused: string, axes: number): string {
  return graph.node('Reshape', [refused, graph.integers([-1, ...Array<number>(axes).fill(1)])])
}

function toProbabilities(graph: GraphWriter, { probabilities }: OutputState, values: string): string {
  if (probabilities === 'sigmoid') return graph.node('Sigmoid', [values])
  return probabilities === 'softmax' ? graph.node('Softmax', [values], { axis: -1 }) : values
}

function labelsOf(graph: GraphWriter, state: ClassesState, shares: string, blank: string): string {
  const index = state.shape.at(-1) === 1 ? eitherClass(graph, state, shares) : best(graph, shares)
  const total = graph.node('ReduceSum', [shares, graph.integers([-1])], { keepdims: 0 })
  const isUnknown = graph.node('Or', [blank, graph.node('IsNaN', [total])])
  const known = graph.node('Where', [
    isUnknown,
    graph.constant([], BigInt64Array.of(BigInt(NO_CLASS))),
    index,
  ])
  const classes = namesOfClasses(state)
  return graph.node('LabelEncoder', [known], {
    keys_int64s: classes.map((_, i) => i),
    values_strings: classes,
    default_string: '',
  })
}

/** The first class of the largest score. */
function best(graph: GraphWriter, shares: string): string {
  return graph.node('ArgMax', [shares], { axis: -1, keepdims: 0 })
}

/** The class for the number of an output of one unit: a probability, or a margin whose sign decides. */
function eitherClass(graph: GraphWriter, state: ClassesState, shares: string): string {
  const limit = graph.constant([], Float32Array.of(limitOf(state)))
  const positive = positiveIndex(state)
  const [yes, no] = [positive, 1 - positive].map((i) => graph.constant([], BigInt64Array.of(BigInt(i))))
  const share = graph.node('Squeeze', [shares, graph.integers([-1])])
  return graph.node('Where', [graph.node('Greater', [share, limit]), yes ?? '', no ?? ''])
}

/** The probability of each class, also where one unit yields that of the positive one. */
function bothClasses(graph: GraphWriter, state: ClassesState, shares: string): string {
  if (state.shape.at(-1) !== 1) return shares
  const other = graph.node('Sub', [graph.constant([], Float32Array.of(1)), shares])
  const both = positiveIndex(state) === 1 ? [other, shares] : [shares, other]
  return graph.node('Concat', both, { axis: -1 })
}
