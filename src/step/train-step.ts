import type { Builder } from '../ir/builder.ts'
import { differentiate } from '../ir/gradient.ts'
import { required, StepBuilder } from './step-program.ts'
import type { StepProgram } from './step-program.ts'
import { appendStep, trainedIn } from './step.ts'
import type { Task } from './task.ts'
import { appendUpdate } from './update.ts'

/**
 * The program of one training step: forward, gradient, update. It takes what `buildStep` and `buildUpdate` take but the
 * gradients, and yields the losses and metrics of the batch before the update, and new values of all that changes.
 */
export function buildTrainStep(task: Task, batch: number, b?: Builder): StepProgram {
  const step = new StepBuilder(b)
  const { parameters, loss } = appendStep(step, task, batch, 'train')
  if (loss === undefined) throw new Error('a training step has a loss')
  const trained = trainedIn(task.graph).map((parameter) => ({
    parameter,
    value: required(parameters, parameter.id),
  }))
  const gradients = differentiate(
    step.b,
    loss,
    trained.map(({ value }) => value),
  )
  const descents = trained.flatMap((each, i) => {
    const gradient = gradients[i]
    return gradient === undefined ? [] : [{ ...each, gradient }]
  })
  appendUpdate(step, task.optimizer, descents, task.unfrozen)
  return step.build()
}
