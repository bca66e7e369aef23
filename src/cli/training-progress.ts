import { loggedValues } from '../components/callbacks/listener.ts'
import type { BegunRun } from '../experiment/ready-run.ts'
import { renderFinding } from '../report/text/message.ts'
import { progressBars, progressLines } from '../report/text/progress.ts'
import type { EpochValues } from '../report/text/sparklines.ts'
import type { TerminalText } from '../report/text/terminal-text.ts'
import { renderBegun } from '../report/text/training.ts'
import type { TrainingListener } from '../core/train.ts'
import type { Io } from './io.ts'

export type TrainingProgress = {
  readonly listeners: readonly TrainingListener[]
  /** Writes to stderr, above the progress bars. */
  readonly say: (text: TerminalText) => void
  readonly onBegin: (begun: BegunRun) => void
  /** Metric values of the epochs that were trained; none if quiet. */
  readonly history: EpochValues
}

/** Shows training on stderr: bars on a terminal that shows them, lines elsewhere, nothing if quiet. */
export function trainingProgress({ stderr }: Io, quiet: boolean): TrainingProgress {
  const write = (text: TerminalText): void => stderr.write(text)
  const history = new Map<string, number[]>()
  if (quiet) return { listeners: [], say: write, onBegin: () => undefined, history }
  const bars = stderr.draws ? progressBars(stderr) : undefined
  const say = bars?.say ?? write
  return {
    listeners: [
      bars ?? progressLines(stderr),
      historyIn(history),
      { onFinding: (found) => say(renderFinding(found)) },
    ],
    say,
    history,
    onBegin: (begun) => say(renderBegun(begun)),
  }
}

/** Collects the metric values of each epoch. */
function historyIn(history: Map<string, number[]>): TrainingListener {
  return {
    onEpochEnd(_epoch, metricValues, control) {
      for (const [name, value] of Object.entries(loggedValues(metricValues, control))) {
        const values = history.get(name)
        if (values) values.push(value)
        else history.set(name, [value])
      }
    },
  }
}
