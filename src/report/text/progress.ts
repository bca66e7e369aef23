import type { MetricValues } from '../../components/metrics/metric.ts'
import type { Listener, TrainingPlan } from '../../components/callbacks/listener.ts'
import { BAR, Bars } from './bars.ts'
import type { Bar } from './bars.ts'
import { visible } from './characters.ts'
import { duration, fitting, metricsText, rate } from './format.ts'
import type { Screen } from './screen.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Maximum number of epochs that get a line of their own. */
const EPOCH_LINES = 100
/** Minimum interval between lines within an epoch. */
const LINE_MS = 5000

/** True for the first and the last epoch, and for about EPOCH_LINES evenly spaced ones. */
function hasLine(epoch: number, epochs: number): boolean {
  const every = Math.ceil(epochs / EPOCH_LINES)
  return epoch === 0 || epoch === epochs - 1 || (epoch + 1) % every === 0
}

function epochLine(epoch: number, epochs: number, metricValues: MetricValues): string {
  return `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}  ${metricsText(metricValues)}`
}

/** Reports progress as lines of text, for a log: one per epoch, and one every few seconds within a long epoch. */
export function progressLines(screen: Screen): Listener {
  let plan: TrainingPlan = { epochs: 0, stepsPerEpoch: 0, stepsDone: 0 }
  let epochStarted = 0
  let lastLine = 0
  return {
    onTrainBegin(given) {
      plan = given
      epochStarted = lastLine = performance.now()
    },
    onProgress(epoch, steps, metricValues) {
      const now = performance.now()
      if (now - lastLine < LINE_MS || steps === plan.stepsPerEpoch) return
      lastLine = now
      const at = `epoch ${epoch + 1}/${plan.epochs}  step ${steps}/${plan.stepsPerEpoch}`
      screen.write(lines([`${at}  ${metricsText(metricValues)}`]))
    },
    onEpochEnd(epoch, metricValues) {
      const now = performance.now()
      if (hasLine(epoch, plan.epochs)) {
        const line = epochLine(epoch, plan.epochs, metricValues)
        screen.write(lines([`${line}  ${duration((now - epochStarted) / 1000)}`]))
        lastLine = now
      }
      epochStarted = now
    },
  }
}

/** A listener that draws bars; `say` writes text above them. */
export type ProgressBars = Listener & { say(text: TerminalText): void }

/** Reports progress on a terminal: a bar of epochs and a bar of steps, with the lines of the epochs above them. */
export function progressBars(screen: Screen): ProgressBars {
  const bars = new Bars(screen, '{name} {value}/{total} {bar} {text}')
  let plan: TrainingPlan = { epochs: 0, stepsPerEpoch: 0, stepsDone: 0 }
  let epochBar: Bar | undefined
  let stepBar: Bar | undefined
  let started = 0
  /** Metric values that fit into a line beside `epoch 7/12` and the bar. */
  const beside = (total: number, text: string): string =>
    fitting(visible(text), bars.width - `epoch ${total}/${total}  `.length - BAR)

  return {
    say: (text) => bars.say(text),
    onTrainBegin(given) {
      plan = given
      started = performance.now()
      epochBar = bars.add('epoch', plan.epochs, Math.floor(plan.stepsDone / plan.stepsPerEpoch))
      stepBar = bars.add('step ', plan.stepsPerEpoch, 0)
    },
    onProgress(epoch, steps, metricValues) {
      const seconds = (performance.now() - started) / 1000
      const done = epoch * plan.stepsPerEpoch + steps
      const own = done - plan.stepsDone
      const left = ((plan.epochs * plan.stepsPerEpoch - done) * seconds) / own
      const text = `${rate(own / seconds)} steps/s  ${duration(left)} left  ${metricsText(metricValues)}`
      stepBar?.(steps, beside(plan.stepsPerEpoch, text))
    },
    onEpochEnd(epoch, metricValues) {
      epochBar?.(epoch + 1, beside(plan.epochs, metricsText(metricValues)))
      if (hasLine(epoch, plan.epochs)) bars.say(lines([epochLine(epoch, plan.epochs, metricValues)]))
    },
    close: () => bars.stop(),
  }
}
