import { ExitCode } from '../../../errors.ts'
import { renderSummary, summaryData } from '../../../report/text/summary.ts'
import type { SavedModel } from '../../../run/model-files.ts'
import { isModelPath } from '../../../run/model-path.ts'
import { readExperiment } from '../../../experiment/experiment.ts'
import type { Io } from '../../io.ts'
import { widthOf } from '../../io.ts'
import { resolve } from 'node:path'

export type SummaryOptions = {
  readonly model: string
  readonly set: readonly string[]
  readonly json: boolean
}

/** Shows the layers of a config or of a trained model. */
export async function summary({ model, set, json }: SummaryOptions, io: Io): Promise<number> {
  const path = resolve(io.cwd, model)
  const { spec, graph } = (await isModelPath(path)) ? await savedModel(path) : readExperiment(model, set, io)
  io.stdout.write(
    json ? `${JSON.stringify(summaryData(spec, graph))}\n` : renderSummary(spec, graph, widthOf(io.stdout)),
  )
  return ExitCode.done
}

/** A config is shown sooner where what reads models is not loaded. */
async function savedModel(path: string): Promise<SavedModel> {
  const { loadModel } = await import('../../../run/model-files.ts')
  return loadModel(path)
}
