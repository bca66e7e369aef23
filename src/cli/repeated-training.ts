import type { RepeatTrainingOptions } from '../core/repeat-training.ts'
import { renderInterrupted, renderTrial, repeatedJson } from '../report/text/repetition.ts'
import type { TerminalText } from '../report/text/terminal-text.ts'
import type { Repeated } from '../sweep/repetition.ts'
import { environmentFor } from './environment.ts'
import { ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { trainedWhere } from './trained-where.ts'
import type { WhereOptions } from './trained-where.ts'
import { trainingProgress } from './training-progress.ts'

export type RepeatedTrainingOptions = WhereOptions & {
  readonly json: boolean
  readonly quiet: boolean
  /** The command that resumes it, without the folder. */
  readonly resumeCommand: string
  readonly render: (repeated: Repeated, cwd: string, width: number) => TerminalText
}

/** Trains a config several times for a command, shows how that goes and what came out. */
export async function trainRepeatedly(
  train: (options: RepeatTrainingOptions) => Promise<Repeated | undefined>,
  { json, quiet, resumeCommand, render, ...where }: RepeatedTrainingOptions,
  io: Io,
): Promise<ExitCode> {
  const { say, listeners, onBegin } = trainingProgress(io, quiet)
  const environment = environmentFor(io, { quiet, say })
  const interrupt = new Interrupt(io)
  // Bars show one training.
  const isSingle = where.jobs === 1 && where.on === undefined
  let folder = ''
  let begun = false
  try {
    const repeated = await train({
      ...environment,
      signal: interrupt.signal,
      listeners: isSingle ? listeners : [],
      ...trainedWhere(where),
      onFolder(made) {
        interrupt.watch()
        folder = made
      },
      onTrial(event) {
        // Bars tell how a training ended, and many that run at once begin at once.
        if (!quiet && event.kind === (isSingle ? 'begin' : 'end')) say(renderTrial(event))
      },
      onBegin(run) {
        // All trials have the same model and numbers of rows.
        if (!begun) onBegin(run)
        begun = true
      },
    })
    if (repeated === undefined) {
      io.stderr.write(renderInterrupted(resumeCommand, folder, io.cwd))
      return interrupt.exitCode
    }
    if (json) io.stdout.writeJson(repeatedJson(repeated, environment.warnings, io.cwd))
    else io.stdout.write(render(repeated, io.cwd, io.stdout.width))
    return ExitCode.done
  } finally {
    interrupt.end()
  }
}
