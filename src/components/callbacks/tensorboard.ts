import * as z from 'zod'

import type { MetricValues } from '../metrics/metric.ts'
import { defineCallback } from './callback.ts'
import { firstRecord, ScalarRecords, summaryRecord } from './event-file.ts'
import type { Scalar, Summary } from './event-file.ts'
import { loggedValues } from './listener.ts'
import type { Log } from './log.ts'
import type { ProbedImage } from './probe.ts'

/** TensorBoard shows each folder as a run of its own, in one chart. */
const FILES = {
  train: 'tensorboard/train/events.out.tfevents.nnlab',
  validation: 'tensorboard/validation/events.out.tfevents.nnlab',
} as const

/** Tags and steps are Keras's: epoch_loss, at epochs from 0. Keras symbol: keras.callbacks.TensorBoard. */
export const tensorboard = defineCallback({
  type: 'tensorboard',
  summary: "Writes metrics, histograms and the config to tensorboard/ in the run's folder",
  options: () => ({
    histogram_freq: z
      .int()
      .min(0)
      .default(0)
      .describe('Epochs between two histograms of a parameter; 0 for none'),
    histograms: z
      .array(z.enum(['weights', 'gradients']))
      .min(1)
      .default(['weights'])
      .describe('What the histograms are of; gradients are those of the loss of one batch'),
    images: z
      .int()
      .min(0)
      .default(0)
      .describe('Images of each epoch, augmented as they are in training; 0 for none'),
  }),
  logs: Object.values(FILES),
  listener({ histogram_freq, histograms, images }, { log, config, probe }) {
    const [train, validation] = [new EventFile(log(FILES.train)), new EventFile(log(FILES.validation))]
    return {
      state: {
        save: () => ({ values: { train: train.bytes, validation: validation.bytes } }),
        restore({ values }) {
          train.bytes = values['train'] ?? 0
          validation.bytes = values['validation'] ?? 0
        },
      },
      onTrainBegin() {
        for (const file of [train, validation]) file.reopen()
        if (train.bytes === 0) train.write(0, [{ tag: 'config', text: codeBlock(config) }])
      },
      async onEpochEnd(epoch, metricValues, control) {
        const { own, held } = scalarsOf(loggedValues(metricValues, control))
        const hasHistograms = histogram_freq > 0 && epoch % histogram_freq === 0
        const weights = hasHistograms && histograms.includes('weights') ? [...(await control.weights())] : []
        const gradients =
          hasHistograms && histograms.includes('gradients') ? [...(await probe.gradients()).byParameter] : []
        train.writeScalars(epoch, own)
        if (held.length > 0) validation.writeScalars(epoch, held)
        train.write(epoch, [
          ...weights.map(([tag, histogram]) => ({ tag, histogram })),
          ...gradients.map(([id, histogram]) => ({ tag: `${id}_gradient`, histogram })),
          ...(images > 0 ? await picturesOf(await probe.images(epoch, images)) : []),
        ])
      },
    }
  },
})

/** An event file that is opened when it is first written to. */
class EventFile {
  /** Its length: what of it is kept when it is opened. */
  bytes = 0
  readonly #log: Log
  #isOpen = false
  #scalars: ScalarRecords | undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** Cuts off what was written after the checkpoint that training resumes from. */
  reopen(): void {
    if (this.bytes > 0) this.#open()
  }

  write(step: number, summaries: readonly Summary[]): void {
    if (summaries.length === 0) return
    const time = Date.now()
    this.#append(time, summaryRecord(step, time, summaries))
  }

  writeScalars(step: number, scalars: readonly Scalar[]): void {
    const time = Date.now()
    if (!this.#scalars?.fits(scalars)) this.#scalars = new ScalarRecords(scalars)
    this.#append(time, this.#scalars.at(step, time, scalars))
  }

  #append(time: number, record: Uint8Array): void {
    this.#open()
    if (this.bytes === 0) this.#log.write(firstRecord(time))
    this.#log.write(record)
    this.bytes = this.#log.bytes
  }

  #open(): void {
    if (!this.#isOpen) this.#log.open(this.bytes)
    this.#isOpen = true
  }
}

/** The metrics of training, and those of the validation rows. */
function scalarsOf(metricValues: MetricValues): { readonly own: Scalar[]; readonly held: Scalar[] } {
  const own: Scalar[] = []
  const held: Scalar[] = []
  for (const [name, scalar] of Object.entries(metricValues)) {
    if (name.startsWith('val_')) held.push({ tag: `epoch_${name.slice(4)}`, scalar })
    else own.push({ tag: `epoch_${name}`, scalar })
  }
  return { own, held }
}

/** Images as PNG files; numbers reach from black, the lowest of 0 and any, to white. */
async function picturesOf(images: readonly ProbedImage[]): Promise<Summary[]> {
  const { encode } = await import('fast-png')
  return images.map(({ input, row, shape: [height = 0, width = 0, channels = 1], values }) => {
    const low = values.reduce((least, value) => Math.min(least, value), 0)
    const high = values.reduce((most, value) => Math.max(most, value), 1)
    const data = Uint8Array.from(values, (value) => Math.round((255 * (value - low)) / (high - low)))
    const png = encode({ width, height, data, channels: channels === 3 ? 3 : 1, depth: 8 })
    return { tag: `${input}/image/${row}`, png, height, width, channels }
  })
}

/** Text as a code block of Markdown. */
function codeBlock(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
