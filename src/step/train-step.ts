import { isTrained } from '../model/build.ts'
import { Builder } from '../ir/builder.ts'
import { differentiate } from '../ir/gradient.ts'
import type { Program, Value } from '../ir/ir.ts'
import { appendUpdate } from './update.ts'
import { appendStep } from './step.ts'
import type { Task } from './task.ts'

/**
 * The program of one training step: forward, gradient, update. Inputs: those of `buildStep` and of `buildUpdate` but the
 * gradients. Outputs: `loss`, `loss:NAME`, `metric:LABEL` of the batch before the update, and the new values of all
 * that changes under the names of the inputs that hold the old ones: `parameter:ID`, `slot:ID/NAME`, `state:NAME`.
 */
export function buildTrainStep(task: Task, batch: number, b = new Builder()): Program {
  const { parameters, outputs } = appendStep(b, task, batch, 'train')
  const loss = required(outputs, 'loss')
  const trained = task.graph.nodes.flatMap((node) =>
    node.parameters
      .filter((parameter) => isTrained(node, parameter))
      .map((parameter) => ({ parameter, value: required(parameters, parameter.id) })),
  )
  const gradients = differentiate(
    b,
    loss,
    trained.map(({ value }) => value),
  )
  const descents = trained.flatMap((each, i) => {
    const gradient = gradients[i]
    return gradient === undefined ? [] : [{ ...each, gradient }]
  })
  const results = new Map<string, Value>()
  for (const [name, value] of outputs) {
    if (name.startsWith('assign:')) results.set(name.replace('assign:', 'parameter:'), value)
    else if (!name.startsWith('output:')) results.set(name, value)
  }
  for (const [name, value] of appendUpdate(b, task.optimizer, descents)) {
    if (name !== 'learning_rate') results.set(name, value)
  }
  return b.program(results)
}

function required(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`the step has no ${name}`)
  return value
}
