import { Writable } from 'node:stream'

import * as z from 'zod'

import { ExitCode, UsageError } from '../../../errors.ts'
import { crossValidation, renderCrossValidation } from '../../../report/text/cross-validation.ts'
import type { FoldResult } from '../../../report/text/cross-validation.ts'
import type { EngineFlags } from '../../../experiment/engine.ts'
import { readExperiment } from '../../../experiment/experiment.ts'
import type { Io } from '../../io.ts'
import { widthOf } from '../../io.ts'
import { train } from './train.ts'

export type CvOptions = EngineFlags & {
  readonly config: string
  readonly set: readonly string[]
  readonly folds: number
  readonly json: boolean
  readonly quiet: boolean
}

const Figures = z.record(z.string(), z.number())
const TrainResult = z.object({ run: z.string(), metrics: Figures, test: Figures.optional() })

/** Trains once for each of k folds, each time with another one as the validation split, and tells how the figures spread. */
export async function cv({ folds, json, ...options }: CvOptions, io: Io): Promise<number> {
  if (!Number.isInteger(folds) || folds < 2) throw new UsageError('--folds takes a whole number from 2 on')
  // Says what is wrong with the config before anything is trained, and its warnings once.
  const { spec } = readExperiment(options.config, options.set, io, options.quiet)
  const results: FoldResult[] = []
  for (let fold = 1; fold <= folds; fold++) {
    if (!options.quiet) io.stderr.write(`fold ${fold} of ${folds}\n`)
    const captured = new Captured()
    const set = [...options.set, `data.split.fold=${fold}/${folds}`]
    const code = await train(
      { ...options, set, runDir: undefined, resume: undefined, update: false, deps: false, json: true },
      { ...io, stdout: captured },
    )
    if (code !== ExitCode.done) return code
    results.push({ fold, ...TrainResult.parse(JSON.parse(captured.text)) })
  }
  const result = crossValidation(results)
  io.stdout.write(
    json ? `${JSON.stringify(result)}\n` : renderCrossValidation(spec.name, result, widthOf(io.stdout)),
  )
  return ExitCode.done
}

/** Keeps what a command prints. */
class Captured extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    done()
  }
}
