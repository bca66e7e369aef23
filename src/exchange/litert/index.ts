import { RunError } from '../../errors.ts'
import { buildStep } from '../../step/step.ts'
import { namedInputs, required } from '../../step/step-program.ts'
import { workOf } from '../../ir/work.ts'
import { BATCHES } from '../batch.ts'
import { spacedRows, rangesOf } from '../calibrate.ts'
import type { ExchangeFormat, ModelToExport, Refuse } from '../format.ts'
import type { NamedArray } from '../program.ts'
import type { NumberRange } from '../int8.ts'
import { longLoops } from './loops.ts'
import { ModelWriter } from './model.ts'
import { writeProgram } from './program.ts'

/** LiteRT, which was TensorFlow Lite: the network, from encoded inputs to its outputs, for any number of rows. */
export const litert = {
  type: 'litert',
  summary: 'a .tflite file of LiteRT (TensorFlow Lite): the network, for any number of rows',
  ending: '.tflite',
  write: (model: ModelToExport, refuse: Refuse) => written(model, undefined, refuse),
  writeInt8: (model: ModelToExport, rows: readonly NamedArray[], refuse: Refuse) =>
    written(model, rows, refuse),
  check: {
    program: 'LiteRT',
    imports: `
try:
    from ai_edge_litert.interpreter import Interpreter
    from importlib.metadata import version
    program_version = version("ai-edge-litert")
except ImportError:
    import tensorflow
    Interpreter = tensorflow.lite.Interpreter
    program_version = tensorflow.__version__`,
    version: 'program_version',
    compares: 'predictions',
    run: `
interpreter = Interpreter(path)
runner = interpreter.get_signature_runner()
predicted = runner(**inputs)
outputs = [predicted[name] for name in names]`,
  },
} satisfies ExchangeFormat

/** Positions in a FlatBuffer have 31 bits. */
const MOST_BYTES = 2 ** 31 - 1

/** `rows` tell the ranges of numbers for a model in int8. */
function written(
  model: ModelToExport,
  rows: readonly NamedArray[] | undefined,
  refuse: Refuse,
): { readonly file: readonly Uint8Array[] } {
  const long = longLoops(model.task.graph)
  for (const name of long)
    refuse(`layer ${name}: a loop of more than 100,000 operations, which it has no operator for`)
  return { file: long.length > 0 ? [] : [litertFile(model, rows && measured(model, rows))] }
}

/** The ranges of the values of a step, by their places in it. */
function measured(
  { task, weights }: ModelToExport,
  rows: readonly NamedArray[],
): ReadonlyMap<number, NumberRange> {
  const chosen = spacedRows(rows, workOf(buildStep(task, 1, 'predict').program))
  const step = buildStep(task, chosen[0]?.shape[0] ?? 0, 'predict')
  const inputs = new Map(chosen.map(({ name, data }) => [name, data]))
  const given = namedInputs<ArrayLike<number>>(step, { inputs, parameters: weights, counter: [0] })
  return rangesOf(step.program, [given])
}

function litertFile(
  { name, task, weights }: ModelToExport,
  ranges: ReadonlyMap<number, NumberRange> | undefined,
): Uint8Array {
  const { graph } = task
  const [step, other] = BATCHES.map((batch) => buildStep(task, batch, 'predict'))
  if (step === undefined || other === undefined) throw new Error('two batches are compared')
  const model = new ModelWriter()
  const inputs = graph.inputs.map(({ name: input, shape }) => ({
    name: required(step.inputs, input),
    tensor: model.input(input, [{ rows: 1 }, ...shape.map((length) => ({ fixed: length }))]),
  }))
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const given = {
    tensors: new Map(inputs.map((input) => [input.name, input.tensor])),
    known: new Map(parameters.map(({ id }) => [required(step.parameters, id), required(weights, id)])),
    ranges,
  }
  const written = writeProgram(model, [step.program, other.program], given, inputs[0]?.tensor ?? 0)
  for (const output of graph.outputs) model.output(output, required(written, required(step.outputs, output)))
  const bytes = model.file(name)
  if (bytes.length <= MOST_BYTES) return bytes
  throw new RunError(`${name} has ${bytes.length} bytes as a LiteRT model, which has at most ${MOST_BYTES}`, {
    hint: 'export it to keras or safetensors',
  })
}
