import { RunError } from '../../errors.ts'
import { shapeOf } from '../../model/graph.ts'
import { buildStep } from '../../step/step.ts'
import { required } from '../../step/step-program.ts'
import { version } from '../../version.ts'
import type { ExchangeFormat, ModelToExport, Refuse } from '../format.ts'
import { BATCHES } from './batch.ts'
import { GraphWriter, Names } from './graph.ts'
import { writeProgram } from './program.ts'

/** The Open Neural Network Exchange format: the network, from encoded inputs to its outputs, for any number of rows. */
export const onnx: ExchangeFormat = {
  type: 'onnx',
  summary: 'an ONNX model of the network (operator set 17), for any number of rows',
  ending: '.onnx',
  write: (model, refuse) => ({ file: [onnxFile(model, refuse)] }),
  check: {
    program: 'ONNX Runtime',
    imports: 'import onnxruntime',
    version: 'onnxruntime.__version__',
    compares: 'predictions',
    run: `
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
outputs = session.run(names, inputs)`,
  },
}

/** A protocol buffer is at most 2 GiB long. */
const MOST_BYTES = 2 ** 31 - 1

function onnxFile({ name, task, weights }: ModelToExport, refuse: Refuse): Uint8Array {
  for (const input of task.graph.inputs) {
    if (task.graph.outputs.includes(input.name))
      refuse(`output ${input.name}: an input cannot be an output too`)
  }
  const [step, other] = BATCHES.map((batch) => buildStep(task, batch, 'predict'))
  if (step === undefined || other === undefined) throw new Error('two batches are compared')
  const graph = new GraphWriter(new Names(task.graph.outputs))
  const given = new Map<string, string>()
  for (const input of task.graph.inputs) {
    graph.input(input.name, input.shape)
    given.set(required(step.inputs, input.name), input.name)
  }
  for (const { id, shape } of task.graph.nodes.flatMap((node) => node.parameters)) {
    given.set(required(step.parameters, id), graph.initializer(id, shape, required(weights, id)))
  }
  const batched = task.graph.inputs[0]?.name ?? ''
  const written = writeProgram({ graph, given }, [step.program, other.program], batched)
  for (const output of task.graph.outputs) {
    graph.output(output, required(written, required(step.outputs, output)), shapeOf(task.graph, output))
  }
  const bytes = graph.model(name, `nnlab ${version}`)
  if (bytes.length <= MOST_BYTES) return bytes
  throw new RunError(`${name} has ${bytes.length} bytes as an ONNX model, which has at most ${MOST_BYTES}`, {
    hint: 'export it to keras or safetensors',
  })
}
