import * as z from 'zod'

import { isMap } from '../../registry.ts'
import { counted } from '../../wording.ts'
import { defineCallback } from './callback.ts'
import type { RecordedRun } from './callback.ts'
import { loggedValues } from './listener.ts'
import type { Ending } from './listener.ts'
import { createRun, experimentId, findRun, logEntries, logMetrics, updateRun } from './mlflow-client.ts'
import type { MlflowEntry, MlflowMetric, MlflowServer } from './mlflow-client.ts'

/** Milliseconds from one request to the next, and to the next attempt at a server that failed. */
const [BETWEEN, AFTER_FAILURE] = [1000, 30_000]
/** Longest wait at the end of training for what is on its way. */
const LONGEST_END = 10_000
/** Values that wait for a server at most; more of them push out the oldest. */
const MOST_WAITING = 100_000
/** Longest key, and longest value that servers of every version take. */
const [LONGEST_KEY, LONGEST_VALUE] = [250, 500]
/** The tag by which a run that is resumed finds its own. */
const RUN_TAG = 'nnlab.run_id'

/** Tells a tracking server of MLflow of the run. */
export const mlflow = defineCallback({
  type: 'mlflow',
  summary: 'Logs the config and the metrics of each epoch to an MLflow server',
  options: () => ({
    uri: z
      .url({ protocol: /^https?$/ })
      .describe('The address of the tracking server, such as http://localhost:5000'),
    experiment: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('The experiment, which is created where there is none; default: the name of the config'),
  }),
  listener({ uri, experiment }, { run }) {
    // A training that is only repeated, as by verify, is told to nobody.
    if (run === undefined) return {}
    const { credentials, proxies } = run
    const tracked = new TrackedRun({ uri, credentials, proxies }, experiment ?? run.name, run)
    return {
      onTrainBegin: () => tracked.send(),
      onEpochEnd(epoch, metricValues, control) {
        tracked.log(epoch + 1, loggedValues(metricValues, control))
      },
      close: (ending) => tracked.end(ending),
    }
  },
})

/** A run on a server. What it is told waits in a queue; training does not wait for the server, but at its end. */
class TrackedRun {
  readonly #server: MlflowServer
  readonly #experiment: string
  readonly #run: RecordedRun
  readonly #queue: MlflowMetric[] = []
  #id: string | undefined
  #lost = 0
  #sending: Promise<void> | undefined
  #next = 0
  #failure: string | undefined

  constructor(server: MlflowServer, experiment: string, run: RecordedRun) {
    this.#server = server
    this.#experiment = experiment
    this.#run = run
  }

  log(step: number, metricValues: Readonly<Record<string, number>>): void {
    const timestamp = Date.now()
    for (const [name, value] of Object.entries(metricValues))
      this.#queue.push({
        key: keyOf(name),
        value: Number.isFinite(value) ? value : String(value),
        timestamp,
        step,
      })
    this.#lost += this.#queue.splice(0, Math.max(0, this.#queue.length - MOST_WAITING)).length
    this.send()
  }

  /** Begins to send what waits, unless something is on its way or the server is to be left alone for now. */
  send(): void {
    if (this.#sending !== undefined || performance.now() < this.#next) return
    this.#sending = this.#attempt(() => this.#flush()).finally(() => (this.#sending = undefined))
  }

  /** Sends the rest and how training ended; waits a bounded time, and tells what could not be sent. */
  async end(ending: Ending): Promise<void> {
    const status = ({ completed: 'FINISHED', interrupted: 'KILLED', failed: 'FAILED' } as const)[ending]
    let isTold = false
    const finish = async (): Promise<void> => {
      await this.#sending
      await this.#attempt(async () => {
        await updateRun(this.#server, await this.#flush(), status)
        isTold = true
      })
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LONGEST_END)))
    await Promise.race([finish(), late])
    clearTimeout(timer)
    if (isTold && this.#lost === 0) return
    const values = counted(this.#lost + this.#queue.length, 'metric value')
    this.#run.note(
      `mlflow: ${isTold ? values : `${values} and the status ${status}`} could not be sent to ${this.#server.uri}; history.csv has all of them`,
    )
  }

  /** Sends what waits; returns the id of the run. */
  async #flush(): Promise<string> {
    this.#id ??= await this.#begin()
    await logMetrics(this.#server, this.#id, this.#queue)
    return this.#id
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
      this.#next = performance.now() + BETWEEN
    } catch (error) {
      this.#next = performance.now() + AFTER_FAILURE
      const reason = error instanceof Error ? error.message || error.name : String(error)
      if (this.#failure === undefined)
        this.#run.note(
          `mlflow: ${this.#server.uri} does not answer as it should (${reason}); training continues`,
        )
      this.#failure = reason
    }
  }

  /** The id of the run: that of a run that was begun before, else of a new one. */
  async #begin(): Promise<string> {
    const { id, label, spec, config } = this.#run
    const tag = { key: RUN_TAG, value: id }
    const experiment = await experimentId(this.#server, this.#experiment)
    const found = await findRun(this.#server, experiment, tag)
    const tags = [tag, { key: 'mlflow.source.name', value: config }]
    const run = found ?? (await createRun(this.#server, { experiment, name: label, tags }))
    if (found) await updateRun(this.#server, run.id, 'RUNNING')
    const params = paramsOf(spec)
    await logEntries(
      this.#server,
      run.id,
      'params',
      params.filter(({ key }) => !run.params.has(key)),
    )
    // A parameter of MLflow cannot change.
    const changed = params.filter(({ key, value }) => (run.params.get(key) ?? value) !== value)
    await logEntries(
      this.#server,
      run.id,
      'tags',
      changed.map(({ key, value }) => ({ key: clipped(`changed.${key}`, LONGEST_KEY), value })),
    )
    return run.id
  }
}

/** The values of a spec by their paths, such as model.layers.0.units; lists of values are one. */
function paramsOf(spec: unknown): MlflowEntry[] {
  const flat = (value: unknown, path: string): [string, string][] => {
    if (isMap(value) || (Array.isArray(value) && value.some(isMap)))
      return Object.entries(value).flatMap(([key, inner]) =>
        flat(inner, path === '' ? key : `${path}.${key}`),
      )
    const written = typeof value === 'string' ? value : JSON.stringify(value)
    const text = written.length > LONGEST_VALUE ? `${clipped(written, LONGEST_VALUE - 1)}…` : written
    return value === undefined ? [] : [[keyOf(path), text]]
  }
  return Array.from(new Map(flat(spec, '')), ([key, value]) => ({ key, value }))
}

/** A name of the characters that MLflow allows; slashes would have to make a path that leads to itself alone. */
function keyOf(name: string): string {
  return clipped(name.replaceAll(/[^\p{L}\p{N}_\-. ]/gu, '_'), LONGEST_KEY)
}

/** The first characters of a text, none of which is cut in half. */
function clipped(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, '')
}
