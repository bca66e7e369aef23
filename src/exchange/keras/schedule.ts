// Schedules of the learning rate that Keras lacks. Its optimizer gets the learning rate of the next step; metadata.json, of which Keras
// reads nothing, keeps the schedule for `nnlab import`.
import { schedules } from '../../components/schedules/index.ts'
import { isConfig, isMap, kerasClass } from '../../registry.ts'
import { learningRateAt } from '../../step/learning-rate.ts'
import type { ReadModel } from '../foreign-model.ts'
import type { ModelToExport, Refuse } from '../format.ts'
import type { PythonDict } from './json.ts'
import { plain } from './objects.ts'
import { mapOf, readObject } from './read-objects.ts'

type WithSchedule = {
  readonly model: ModelToExport
  /** The part of metadata.json that keeps it. */
  readonly schedule?: PythonDict
  readonly notes: readonly string[]
}

/** A model whose optimizer Keras has. */
export function withKnownSchedule(model: ModelToExport): WithSchedule {
  const { optimizer } = model.task
  const { learning_rate: schedule } = optimizer
  if (!isConfig(schedule) || kerasClass(schedules.of(schedule)) !== undefined) return { model, notes: [] }
  const iterations = model.training?.optimizer.iterations ?? 0
  const rate = learningRateAt(optimizer, iterations)
  const task = { ...model.task, optimizer: { ...optimizer, learning_rate: rate } }
  return {
    model: { ...model, task },
    schedule: { nnlab: { learning_rate: plain(schedule) } },
    notes: [
      `Keras has no schedule ${schedule.type}: its optimizer has the learning rate after ${iterations} steps, ${rate.toPrecision(3)}`,
    ],
  }
}

/** The section `compile` of a file with the schedule that `withKnownSchedule` left to its metadata.json. */
export function withOwnSchedule(
  compile: ReadModel['compile'],
  metadata: unknown,
  refuse: Refuse,
): ReadModel['compile'] {
  const { learning_rate: schedule } = mapOf(mapOf(metadata)['nnlab'])
  if (compile === undefined || !isConfig(schedule)) return compile
  const { type, ...config } = schedule
  const { optimizer } = compile
  const whole = isMap(optimizer) ? optimizer : { type: optimizer }
  const learning_rate = readObject(schedules, { class_name: type, config }, refuse)
  return { ...compile, optimizer: { ...whole, learning_rate } }
}
