import { MultiBar } from 'cli-progress'

import type { MetricValues } from '../../components/metrics/metric.ts'
import type { Listener, TrainingPlan } from '../../components/callbacks/listener.ts'
import { duration, fitting, metricsText, rate } from './format.ts'
import { wrap } from './wrap.ts'

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
export function progressLines(write: (text: string) => void): Listener {
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
      write(
        `epoch ${epoch + 1}/${plan.epochs}  step ${steps}/${plan.stepsPerEpoch}  ${metricsText(metricValues)}\n`,
      )
    },
    onEpochEnd(epoch, metricValues) {
      const now = performance.now()
      if (hasLine(epoch, plan.epochs)) {
        write(`${epochLine(epoch, plan.epochs, metricValues)}  ${duration((now - epochStarted) / 1000)}\n`)
        lastLine = now
      }
      epochStarted = now
    },
  }
}

/** Length of a bar in characters. */
const BAR = 20

/** A listener that draws bars; `say` writes text above them. */
export type Bars = Listener & { say(text: string): void }

/** Reports progress on a terminal: a bar of epochs and a bar of steps, with the lines of the epochs above them. */
export function progressBars(stream: NodeJS.WritableStream & { readonly columns?: number }): Bars {
  let bars: MultiBar | undefined
  let plan: TrainingPlan = { epochs: 0, stepsPerEpoch: 0, stepsDone: 0 }
  let epochBar: ReturnType<MultiBar['create']> | undefined
  let stepBar: ReturnType<MultiBar['create']> | undefined
  let started = 0
  const say = (text: string): void => {
    if (!bars?.isActive) {
      stream.write(text)
      return
    }
    // While bars are drawn, the terminal does not wrap: longer lines would overwrite its last column. The rest of a
    // line is cleared.
    const width = (stream.columns ?? 80) - 1
    for (const line of text
      .trimEnd()
      .split('\n')
      .flatMap((long) => wrap(long, width))) {
      bars.log(`${line}\u001b[K\n`)
    }
  }

  /** Characters left in a line beside `epoch 7/12` and the bar. */
  const roomBeside = (total: number): number =>
    (stream.columns ?? 80) - 1 - `epoch ${total}/${total}  `.length - BAR

  return {
    say,
    onTrainBegin(given) {
      plan = given
      started = performance.now()
      bars = new MultiBar({
        stream,
        fps: 10,
        hideCursor: true,
        clearOnComplete: true,
        barsize: BAR,
        barCompleteChar: '━',
        barIncompleteChar: '─',
        format: '{name} {value}/{total} {bar} {text}',
        autopadding: true,
        gracefulExit: false,
      })
      epochBar = bars.create(plan.epochs, Math.floor(plan.stepsDone / plan.stepsPerEpoch), {
        name: 'epoch',
        text: '',
      })
      stepBar = bars.create(plan.stepsPerEpoch, 0, { name: 'step ', text: '' })
    },
    onProgress(epoch, steps, metricValues) {
      const seconds = (performance.now() - started) / 1000
      const done = epoch * plan.stepsPerEpoch + steps
      const own = done - plan.stepsDone
      const left = ((plan.epochs * plan.stepsPerEpoch - done) * seconds) / own
      const text = `${rate(own / seconds)} steps/s  ${duration(left)} left  ${metricsText(metricValues)}`
      stepBar?.update(steps, { text: fitting(text, roomBeside(plan.stepsPerEpoch)) })
    },
    onEpochEnd(epoch, metricValues) {
      epochBar?.update(epoch + 1, { text: fitting(metricsText(metricValues), roomBeside(plan.epochs)) })
      if (hasLine(epoch, plan.epochs)) say(epochLine(epoch, plan.epochs, metricValues))
    },
    close() {
      bars?.update() // Writes the lines that wait for the next redraw.
      bars?.stop()
    },
  }
}
