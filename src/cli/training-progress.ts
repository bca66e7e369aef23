import type { BegunRun } from '../experiment/ready-run.ts'
import { progressBars, progressLines } from '../report/text/progress.ts'
import type { TerminalText } from '../report/text/terminal-text.ts'
import { renderBegun } from '../report/text/training.ts'
import type { TrainingListener } from '../core/train.ts'
import type { Io } from './io.ts'

export type TrainingProgress = {
  readonly listeners: readonly TrainingListener[]
  /** Writes to stderr, above the progress bars. */
  readonly say: (text: TerminalText) => void
  readonly onBegin: (begun: BegunRun) => void
}

/** Shows training on stderr: bars on a terminal that shows them, lines elsewhere, nothing if quiet. */
export function trainingProgress({ stderr }: Io, quiet: boolean): TrainingProgress {
  const write = (text: TerminalText): void => stderr.write(text)
  if (quiet) return { listeners: [], say: write, onBegin: () => undefined }
  const bars = stderr.draws ? progressBars(stderr) : undefined
  const say = bars?.say ?? write
  return {
    listeners: [bars ?? progressLines(stderr)],
    say,
    onBegin: (begun) => say(renderBegun(begun)),
  }
}
