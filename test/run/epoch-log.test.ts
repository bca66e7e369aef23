import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { Control, Listener, ListenerState } from '../../src/components/callbacks/listener.ts'
import type { MetricValues } from '../../src/components/metrics/metric.ts'
import { isAlwaysLogged } from '../../src/run/epoch-log.ts'
import { createEventsJsonl } from '../../src/run/events-jsonl.ts'
import { createHistoryCsv } from '../../src/run/history-csv.ts'
import { readHistory } from '../../src/run/history.ts'
import { LogFile } from '../../src/run/log-file.ts'
import { checkpointSection } from '../../src/spec/schema/fit.ts'

const ranked = { checkpoint: checkpointSection().parse({}), directions: new Map() }
const logs = { 'history.csv': createHistoryCsv, 'events.jsonl': createEventsJsonl }

const control: Control = {
  weights: () => Promise.reject(new Error('no weights')),
  stop: () => undefined,
  restore: () => undefined,
  factor: () => 1,
  setFactor: () => undefined,
  learningRate: () => undefined,
  report: () => Promise.resolve(),
  unfreeze: () => Promise.resolve(0),
}

/** Two losses that fall with ever more noise: new best epochs come all along, at odd places. */
function metricValuesOf(epoch: number): MetricValues {
  const noise = Math.abs(Math.sin(epoch * 12.9898)) / 3
  return {
    loss: 1 / epoch + noise,
    accuracy: 1 - noise,
    val_loss: 2 / epoch + noise * 1e-4,
    val_accuracy: noise,
  }
}

/** Logs epochs up to one as training would; with `resumed` it is killed there, and goes on from its last state. */
async function logged(epochs: number, resumed?: { at: number; killedAt: number }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-logs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const train = (from: number, to: number, states: ListenerState[], saveAt = Infinity): ListenerState[] => {
    let saved: ListenerState[] = []
    const made = Object.entries(logs).map(([name, create]) => {
      const file = new LogFile(join(folder, name))
      return { file, log: create(file, ranked) satisfies Listener }
    })
    for (const [i, { log }] of made.entries()) {
      const state = states[i]
      if (state) log.state?.restore(state)
      void log.onTrainBegin?.({ epochs, stepsPerEpoch: 1, stepsDone: from }, control)
    }
    for (let epoch = from; epoch < to; epoch++) {
      const metricValues = metricValuesOf(epoch + 1)
      for (const { log } of made) void log.onEpochEnd?.(epoch, metricValues, control)
      if (epoch + 1 === saveAt) saved = made.flatMap(({ log }) => log.state?.save() ?? [])
    }
    for (const { log, file } of made) {
      if (to === epochs) void log.onTrainEnd?.(control)
      file.close()
    }
    return saved
  }
  if (resumed === undefined) train(0, epochs, [])
  else train(resumed.at, epochs, train(0, resumed.killedAt, [], resumed.at))
  return folder
}

/** Both logs without times. */
async function textsOf(folder: string): Promise<string[]> {
  const texts = await Promise.all(Object.keys(logs).map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => text.replaceAll(/"time":"[^"]*"/g, ''))
}

describe('the logs of epochs', () => {
  it('of a million epochs stay small, and have the epochs that matter', { timeout: 60_000 }, async () => {
    const folder = await logged(1e6)
    const sizes = await Promise.all(
      Object.keys(logs).map(async (name) => (await stat(join(folder, name))).size),
    )
    expect(sizes[0]! + sizes[1]!).toBeLessThan(20e6)
    const { epochs, last } = await readHistory(folder)
    expect(last).toBe(1e6)
    for (let epoch = 1; epoch <= 10_000; epoch++) expect(epochs.has(epoch)).toBe(true)
    for (let epoch = 10_010; epoch <= 1e6; epoch += epoch < 100_000 ? 10 : 100) {
      expect(epochs.has(epoch)).toBe(true)
    }
    let best = { epoch: 0, value: Infinity }
    for (let epoch = 1; epoch <= 1e6; epoch++) {
      const { val_loss: value = NaN } = metricValuesOf(epoch)
      if (value < best.value) best = { epoch, value }
    }
    expect(isAlwaysLogged(best.epoch)).toBe(false)
    expect(epochs.get(best.epoch)?.[2]).toBe(String(best.value))
  })

  it.each([
    { at: 9_999, killedAt: 10_007 },
    { at: 10_000, killedAt: 12_345 },
    { at: 10_013, killedAt: 10_014 },
    { at: 12_340, killedAt: 12_348 },
    { at: 12_346, killedAt: 12_346 },
  ])('are the same bytes when training resumes: %j', async (resumed) => {
    expect(await textsOf(await logged(12_346, resumed))).toEqual(await textsOf(await logged(12_346)))
  })

  it('always have the last epoch', async () => {
    expect((await readHistory(await logged(10_003))).last).toBe(10_003)
  })
})
