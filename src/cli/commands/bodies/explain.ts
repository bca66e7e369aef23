import { resolve } from 'node:path'

import { ExitCode, UsageError } from '../../../errors.ts'
import { renderExplanation } from '../../../report/text/explanation.ts'
import { explain as explainKey } from '../../../spec/explain.ts'
import { readExperiment } from '../../../experiment/experiment.ts'
import type { Io } from '../../io.ts'
import { wantsColor, widthOf } from '../../io.ts'

export type ExplainOptions = {
  readonly key: string
  /** A config whose training step is printed instead. */
  readonly ir: string | undefined
  readonly json: boolean
}

/** Says what a key of the config, or a component, means; or what a step of a config computes. */
export async function explain({ key, ir, json }: ExplainOptions, io: Io): Promise<number> {
  if (ir !== undefined) {
    io.stdout.write(await stepOf(ir, io))
    return ExitCode.done
  }
  const { found, hint } = explainKey(key)
  if (found.length === 0) {
    throw new UsageError(`there is no key or component "${key}"`, hint === undefined ? {} : { hint })
  }
  const style = { color: wantsColor(io.stdout, io.env), width: widthOf(io.stdout) }
  io.stdout.write(
    json ? `${JSON.stringify(found)}\n` : found.map((one) => renderExplanation(one, style)).join('\n'),
  )
  return ExitCode.done
}

/** The tensor operations of one training step of a config, as the compiled engine runs them. */
async function stepOf(config: string, io: Io): Promise<string> {
  const experiment = readExperiment(resolve(io.cwd, config), [], io)
  const [{ taskOf }, { buildTrainStep }, { optimize }, { print }] = await Promise.all([
    import('../../../experiment/task.ts'),
    import('../../../step/train-step.ts'),
    import('../../../ir/passes/index.ts'),
    import('../../../ir/print.ts'),
  ])
  return print(optimize(buildTrainStep(taskOf(experiment), experiment.spec.fit.batch_size)))
}
