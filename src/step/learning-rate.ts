import { schedules } from '../components/schedules/index.ts'
import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import type { Value } from '../ir/ir.ts'
import type { ComponentConfig } from '../registry.ts'

/** The learning rate of an optimizer after some updates, an f32 scalar. */
export function learningRateOf(b: Builder, optimizer: ComponentConfig, iterations: Value): Value {
  const rate = optimizer['learning_rate']
  if (typeof rate === 'number') return b.constant(rate)
  const schedule = schedules.ref().parse(rate)
  return schedules.of(schedule).learningRate(b, iterations, schedule)
}

/** The same as a number. */
export function learningRateAt(optimizer: ComponentConfig, iterations: number): number {
  const fixed = optimizer['learning_rate']
  if (typeof fixed === 'number') return fixed
  const b = new Builder()
  const rate = learningRateOf(b, optimizer, b.constant(iterations))
  return interpret(b.program(new Map([['rate', rate]])), new Map()).get('rate')?.[0] ?? NaN
}
