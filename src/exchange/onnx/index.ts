import { RunError } from '../../errors.ts'
import { shapeOf } from '../../model/graph.ts'
import { required } from '../../step/step-program.ts'
import { version } from '../../version.ts'
import type { ExchangeFormat, ModelToExport, Refuse } from '../format.ts'
import { GraphWriter, Names } from './graph.ts'
import { writeNetwork } from './network.ts'
import { lackingRaw, rawGraph, rawTexts } from './raw.ts'

/** The Open Neural Network Exchange format: the network, or the whole model of raw columns, for any number of rows. */
export const onnx = {
  type: 'onnx',
  summary: 'an ONNX model (operator set 17) of the network or of raw rows, for any number of them',
  ending: '.onnx',
  write(model: ModelToExport, refuse: Refuse) {
    refuseOutputs(model, refuse)
    return file(model.name, networkGraph(model).model(model.name, PRODUCER))
  },
  writeRaw(model: ModelToExport, refuse: Refuse) {
    const lacking = lackingRaw(model.preprocessing)
    for (const what of lacking) refuse(what)
    if (lacking.length > 0) return { file: [] }
    return file(model.name, rawGraph(model).model(model.name, PRODUCER, rawTexts(model.preprocessing)))
  },
  check: {
    program: 'ONNX Runtime',
    imports: 'import onnxruntime',
    version: 'onnxruntime.__version__',
    compares: 'predictions',
    run: `
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(string)": object}
given = {one.name: inputs[one.name].astype(kinds[one.type]) for one in session.get_inputs()}
outputs = session.run(names, given)`,
  },
} satisfies ExchangeFormat

const PRODUCER = `nnlab ${version}`

/** A protocol buffer is at most 2 GiB long. */
const MOST_BYTES = 2 ** 31 - 1

function file(name: string, bytes: Uint8Array): { readonly file: readonly Uint8Array[] } {
  if (bytes.length <= MOST_BYTES) return { file: [bytes] }
  throw new RunError(`${name} has ${bytes.length} bytes as an ONNX model, which has at most ${MOST_BYTES}`, {
    hint: 'export it to keras or safetensors',
  })
}

function refuseOutputs({ task: { graph } }: ModelToExport, refuse: Refuse): void {
  for (const { name } of graph.inputs) {
    if (graph.outputs.includes(name)) refuse(`output ${name}: an input cannot be an output too`)
  }
}

/** The network alone, from encoded inputs to the numbers of its outputs. */
function networkGraph({ task, weights }: ModelToExport): GraphWriter {
  const { inputs, outputs } = task.graph
  const graph = new GraphWriter(new Names(outputs))
  for (const { name, shape } of inputs) graph.input(name, shape)
  const written = writeNetwork(graph, { task, weights }, new Map(inputs.map(({ name }) => [name, name])))
  for (const output of outputs) graph.output(output, required(written, output), shapeOf(task.graph, output))
  return graph
}
