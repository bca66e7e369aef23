import { required } from '../../step/step-program.ts'
import { namesOfClasses } from '../../runtime/predictions.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import type { ModelToExport } from '../format.ts'
import { rawColumns } from '../../runtime/columns.ts'
import { rawResults } from '../raw.ts'
import { GraphWriter, Names } from './graph.ts'
import { writeNetwork } from './network.ts'
import { lackingTransforms, operatorSetOf, writeColumns, writeInput } from './raw-inputs.ts'
import { writeResult } from './raw-outputs.ts'

/** The columns and transforms that keep a model from being a graph of raw rows. */
export function lackingRaw(preprocessing: Preprocessing): string[] {
  const columns = new Set(rawColumns(preprocessing).map(({ name }) => name))
  const taken = rawResults(preprocessing).filter(({ name }) => columns.has(name))
  return [
    ...lackingTransforms(preprocessing),
    ...taken.map(({ name }) => `column ${name}: a result has the same name`),
  ]
}

/** A graph of the fitted transforms, the network, and what makes labels or numbers in the target's units of its outputs. */
export function rawGraph({ preprocessing, task, weights }: ModelToExport): GraphWriter {
  const results = rawResults(preprocessing)
  const graph = new GraphWriter(new Names(results.map(({ name }) => name)), operatorSetOf(preprocessing))
  const columns = writeColumns(graph, preprocessing)
  const inputs = new Map(
    preprocessing.inputs.map((input) => [input.name, writeInput(graph, input, columns, preprocessing)]),
  )
  const refused = refusedRows(graph, [...inputs.values()])
  const outputs = writeNetwork(graph, { task, weights }, inputs)
  for (const result of results) writeResult(graph, result, required(outputs, result.output.name), refused)
  return graph
}

/** Texts about the graph: the classes that the probabilities of an output are of. */
export function rawTexts(preprocessing: Preprocessing): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { name, holds, output } of rawResults(preprocessing)) {
    if (holds === 'probabilities' && output.kind === 'classes')
      texts.set(`${name}.classes`, JSON.stringify(namesOfClasses(output)))
  }
  return texts
}

/** True, in a tensor [rows, 1], for rows with a number that is not finite, which `nnlab predict` refuses. */
function refusedRows(graph: GraphWriter, inputs: readonly string[]): string {
  const sums = inputs.map((input) => {
    const flat = graph.node('Flatten', [input])
    // A number less itself is 0, or NaN where it is not finite.
    const nothing = graph.node('Sub', [flat, flat])
    return graph.node('ReduceSum', [nothing, graph.integers([1])], { keepdims: 1 })
  })
  const [first = '', ...others] = sums
  const sum = others.reduce((total, one) => graph.node('Add', [total, one]), first)
  return graph.node('IsNaN', [sum])
}
