import { schedules } from '../components/schedules/index.ts'
import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import type { Value } from '../ir/ir.ts'
import type { ComponentConfig } from '../registry.ts'

/** The learning rate of an optimizer that has no schedule. */
export function fixedRate({ learning_rate: rate }: ComponentConfig): number | undefined {
  return typeof rate === 'number' ? rate : undefined
}

/** The learning rate of a schedule after some updates, an f32 scalar. */
export function scheduledRate(b: Builder, optimizer: ComponentConfig, iterations: Value): Value {
  const schedule = schedules.ref().parse(optimizer['learning_rate'])
  return schedules.of(schedule).learningRate(b, iterations, schedule)
}

/** The learning rate after some updates as a number. */
export function learningRateAt(optimizer: ComponentConfig, iterations: number): number {
  const fixed = fixedRate(optimizer)
  if (fixed !== undefined) return fixed
  const b = new Builder()
  const rate = scheduledRate(b, optimizer, b.constant(iterations))
  return interpret(b.program(new Map([['rate', rate]])), new Map()).get('rate')?.[0] ?? NaN
}
