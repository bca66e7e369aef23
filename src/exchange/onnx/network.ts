import { buildStep } from '../../step/step.ts'
import { required } from '../../step/step-program.ts'
import type { ModelToExport } from '../format.ts'
import { BATCHES } from './batch.ts'
import type { GraphWriter } from './graph.ts'
import { writeProgram } from './program.ts'

/**
 * Writes the network into a graph; `inputs` are the tensors of its inputs, float32 rows. Returns the tensors of its outputs.
 */
export function writeNetwork(
  graph: GraphWriter,
  { task, weights }: Pick<ModelToExport, 'task' | 'weights'>,
  inputs: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const [step, other] = BATCHES.map((batch) => buildStep(task, batch, 'predict'))
  if (step === undefined || other === undefined) throw new Error('two batches are compared')
  const given = new Map(Array.from(inputs, ([name, tensor]) => [required(step.inputs, name), tensor]))
  for (const { id, shape } of task.graph.nodes.flatMap((node) => node.parameters)) {
    given.set(required(step.parameters, id), graph.initializer(id, shape, required(weights, id)))
  }
  const [batched = ''] = inputs.values()
  const written = writeProgram({ graph, given }, [step.program, other.program], batched)
  return new Map(task.graph.outputs.map((name) => [name, required(written, required(step.outputs, name))]))
}
