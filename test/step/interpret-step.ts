import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import type { Elements } from '../../src/ir/interpreter/elements.ts'
import { namedInputs, stepOutputs } from '../../src/step/step-program.ts'
import type { StepInputs, StepOutputs, StepProgram } from '../../src/step/step-program.ts'

/** Runs a step in float64. */
export function interpretStep(
  step: StepProgram,
  given: Partial<StepInputs<ArrayLike<number>>>,
): StepOutputs<Elements> {
  return stepOutputs(step, interpret(step.program, namedInputs(step, given)))
}
