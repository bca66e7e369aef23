// A model of raw columns as layers of Keras: the fitted transforms, the network as a model inside, and what makes labels or
// numbers in the target's units of its outputs. What Keras has no layer for are operations of keras.ops.
import { rawColumns } from '../../runtime/columns.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import { required } from '../../step/step-program.ts'
import type { ModelToExport, Refuse } from '../format.ts'
import { rawResults } from '../raw.ts'
import type { Hdf5Group } from './hdf5.ts'
import type { PythonDict } from './json.ts'
import { LayerWriter } from './layer-writer.ts'
import { functional } from './model.ts'
import { kerasOrder } from './order.ts'
import { lackingIn, RawInputs } from './raw-inputs.ts'
import { writeResult } from './raw-outputs.ts'
import type { TensorReference } from './tensors.ts'
import { nestedVariables, storedLayers } from './variables.ts'

/** The config and the variables of a model of raw columns. */
export function rawModel(
  model: ModelToExport,
  refuse: Refuse,
): { readonly config: PythonDict; readonly variables: Hdf5Group } {
  const { name, task, preprocessing } = model
  const writer = new LayerWriter()
  const raw = new RawInputs(writer, preprocessing)
  const inputs = new Map(preprocessing.inputs.map((input) => [input.name, raw.input(input)]))
  const inOrder = kerasOrder(task.graph)
  const ordered = [...inOrder.inputs.keys()].map((input) => required(inputs, input))
  const network = functional('network', task.graph, inOrder, refuse)
  const outputs = writer.model(network, 'network', ordered, task.graph.outputs.length)
  const byOutput = new Map(outputs.map((tensor, i) => [task.graph.outputs[i] ?? '', tensor]))
  const refused = refusedRows(writer, [...inputs.values()])
  const results = new Map(
    rawResults(preprocessing).map((result) => [
      result.name,
      writeResult(writer, result, required(byOutput, result.output.name), refused),
    ]),
  )
  const order = writer.order(results)
  const tables = order.flatMap((layer) => raw.tables.get(layer) ?? [])
  return {
    config: writer.finish(name, results),
    variables: nestedVariables(model, storedLayers(inOrder), tables),
  }
}

/** Zeros [rows, 1], NaN in rows with a number that is not finite, which `nnlab predict` refuses. */
function refusedRows(writer: LayerWriter, inputs: readonly TensorReference[]): TensorReference {
  const sums = inputs.map((input) => {
    const flat = writer.layer('Flatten', 'numbers', input)
    const zeros = writer.operation('Subtract', [flat, flat])
    return writer.operation('Sum', [zeros], { axis: 1, keepdims: true })
  })
  return sums.reduce((total, one) => writer.operation('Add', [total, one]))
}

/** The columns and transforms that keep a model from being one of raw columns. */
export function lackingRaw(preprocessing: Preprocessing): string[] {
  const columns = rawColumns(preprocessing)
  const slashes = columns.filter(({ name }) => name.includes('/'))
  return [
    ...slashes.map(({ name }) => `column ${name}: a slash in a name`),
    ...preprocessing.inputs
      .flatMap(({ features }) => features)
      .flatMap((feature) => {
        const what = lackingIn(feature, preprocessing)
        return what === undefined ? [] : [`column ${feature.column}: ${what}`]
      }),
  ]
}
