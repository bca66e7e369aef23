import type { TrainOptions } from '../core/train.ts'
import { environmentFor } from './environment.ts'
import { ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Io } from './io.ts'

type Shown = { readonly json: boolean; readonly quiet: boolean }

/** Trains the model of a config in this process, or goes on with a run, and reports it. */
export async function trainOnce(
  options: Omit<TrainOptions, 'process'>,
  { json, quiet }: Shown,
  io: Io,
): Promise<ExitCode> {
  const [{ train: trainRun }, { trainingProgress }, report] = await Promise.all([
    import('../core/train.ts'),
    import('./training-progress.ts'),
    import('../report/text/training.ts'),
  ])
  const { say, listeners, onBegin, history } = trainingProgress(io, quiet)
  const interrupt = new Interrupt(io)
  const environment = environmentFor(io, { quiet, say })
  try {
    const trained = await trainRun({
      ...environment,
      ...options,
      signal: interrupt.signal,
      listeners,
      onBegin(begun) {
        interrupt.watch()
        if (!begun.resumed) onBegin(begun)
      },
      onResume(event) {
        if (!quiet || options.resume !== undefined) say(report.renderResumeEvent(event, io.cwd))
      },
    })
    if (json) io.stdout.writeJson(report.trainedJson(trained, environment.warnings, io.cwd))
    else io.stdout.write(report.renderTrained(trained, io.cwd, { history, width: io.stdout.width }))
    return trained.stopped === 'interrupted' ? interrupt.exitCode : ExitCode.done
  } finally {
    interrupt.end()
  }
}
