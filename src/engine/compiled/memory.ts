import { schedule } from '../../backend/plan/schedule.ts'
import { anchorTraits } from '../../backend/wasm/kernels/anchor.ts'
import { TINY } from '../../backend/wasm/module.ts'
import { optimize } from '../../ir/passes/index.ts'
import { buildPart, partsOf } from '../../step/parts.ts'
import { namedInputs } from '../../step/step-program.ts'
import type { StepProgram } from '../../step/step-program.ts'
import { buildTrainStep } from '../../step/train-step.ts'
import type { Task } from '../../step/task.ts'
import { withAllUnfrozen } from '../../step/unfrozen.ts'
import { Sharing } from './sharing.ts'
import { sumBytes } from './sum-places.ts'

/** Bytes of the memory plan of a training step, beside the weights and the optimizer's slots. */
export function stepBytes(task: Task, batch: number, threads: number): number {
  // There the step is largest.
  const whole = withAllUnfrozen(task)
  const { parts = 1 } = task
  if (parts === 1) return planned(buildTrainStep(whole, batch), task.seed, threads)
  const [largest] = partsOf(batch, parts)
  const part = buildPart(whole, largest?.end ?? batch, batch)
  return planned(part, task.seed, threads) + sumBytes(part, new Sharing(parts).places)
}

function planned(step: StepProgram, seed: number, threads: number): number {
  const elsewhere = <T>(named: ReadonlyMap<string, T>): Map<string, number> =>
    new Map(Array.from(named.keys(), (key) => [key, 0]))
  const placed = namedInputs<number>(step, {
    parameters: elsewhere(step.parameters),
    slots: elsewhere(step.slots),
    state: elsewhere(step.state),
  })
  const traits = anchorTraits({ seed, arithmetic: 'mul_add' })
  return schedule(optimize(step.program), traits, { threads, tiny: TINY, placed, base: 0 }).end
}
